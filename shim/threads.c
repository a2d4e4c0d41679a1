/* SPDX-License-Identifier: MIT */
/* What tells of threads: their names, which may make them loops, and filters of system calls. */
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include "../detector/loop.h"
#include "../detector/rawio.h"
#include "sandbox.h"
#include "wrap.h"

static __attribute__((used)) int wrap_pthread_setname_np(pthread_t thread, const char *name)
{
    int result = REAL(pthread_setname_np)(thread, name);
    if (result == 0 && pthread_equal(thread, pthread_self()))
        ol_loop_named(name);
    else if (result == 0)
        ol_loop_name_given();
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
    bool filters = ol_sandbox_filter_is_set_by_prctl((unsigned long)option, words[0]);
    int filter = filters
                     ? ol_sandbox_filter_begins(words[0] == SECCOMP_MODE_STRICT, (void *)words[1])
                     : 0;
    int result = REAL(prctl)(option, words[0], words[1], words[2], words[3]);
    if (filters)
        ol_sandbox_filter_is_set(filter, result == 0);
    char name[16];
    if (option == PR_SET_NAME && result == 0 && ol_raw_thread_name(name) == 0)
        ol_loop_named(name);
    return result;
}

OL_EXPORT(pthread_setname_np)
OL_EXPORT(prctl)
OL_CHECK_SIGNATURE(pthread_setname_np)
OL_CHECK_SIGNATURE(prctl)
