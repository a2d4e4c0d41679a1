/* What tells of threads and descriptors: a thread's name may make it a loop; a loop whose descriptor
 * is closed or replaced is none any more. */
#include <linux/close_range.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../detector/rawio.h"
#include "wrap.h"

static __attribute__((used)) int wrap_pthread_setname_np(pthread_t thread, const char *name)
{
    int result = REAL(pthread_setname_np)(thread, name);
    if (result == 0 && pthread_equal(thread, pthread_self()))
        ol_loop_named(name);
    return result;
}

static __attribute__((used)) int wrap_prctl(int option, ...)
{
    va_list list;
    va_start(list, option);
    unsigned long words[4];
    for (int i = 0; i < 4;
         i++) /* the kernel's call has four; what was not passed is not looked at there either */
        words[i] = va_arg(list, unsigned long);
    va_end(list);
    int result = REAL(prctl)(option, words[0], words[1], words[2], words[3]);
    char name[16];
    if (option == PR_SET_NAME && result == 0 && ol_raw_thread_name(name) == 0)
        ol_loop_named(name);
    return result;
}

/* The loop's descriptor may go without close(). */
static __attribute__((used)) int wrap_dup2(int from, int to)
{
    int result = REAL(dup2)(from, to);
    if (OL_UNLIKELY(ol_self.is_loop) && result >= 0 && from != to)
        ol_loop_closing(to);
    return result;
}

static __attribute__((used)) int wrap_dup3(int from, int to, int flags)
{
    int result = REAL(dup3)(from, to, flags);
    if (OL_UNLIKELY(ol_self.is_loop) && result >= 0)
        ol_loop_closing(to);
    return result;
}

static void closing_range(unsigned first, unsigned last)
{
    if (ol_self.wait_fd >= 0 && (unsigned)ol_self.wait_fd >= first &&
        (unsigned)ol_self.wait_fd <= last)
        ol_loop_closing(ol_self.wait_fd);
}

static __attribute__((used)) int wrap_close_range(unsigned first, unsigned last, int flags)
{
    int result = REAL(close_range)(first, last, flags);
    if (OL_UNLIKELY(ol_self.is_loop) && result == 0 && !(flags & CLOSE_RANGE_CLOEXEC))
        closing_range(first, last);
    return result;
}

static __attribute__((used)) void wrap_closefrom(int first)
{
    REAL(closefrom)(first);
    if (OL_UNLIKELY(ol_self.is_loop))
        closing_range(first > 0 ? (unsigned)first : 0, ~0u);
}

OL_EXPORT(dup2)
OL_EXPORT(dup3)
OL_EXPORT(close_range)
OL_EXPORT(closefrom)
OL_CHECK_SIGNATURE(dup2)
OL_CHECK_SIGNATURE(dup3)
OL_CHECK_SIGNATURE(close_range)
OL_CHECK_SIGNATURE(closefrom)
OL_EXPORT(pthread_setname_np)
OL_EXPORT(prctl)
OL_CHECK_SIGNATURE(pthread_setname_np)
OL_CHECK_SIGNATURE(prctl)
