/* SPDX-License-Identifier: MIT */
/* close(), and what closes on its way: dup2() and its kin. A loop whose descriptor is closed or
 * replaced is none any more. */
#include <linux/close_range.h>
#include <unistd.h>

#include "../detector/loop.h"
#include "../detector/thread.h"
#include "wrap.h"

/* Slow only, so it always happens. */
static void judge(struct ol_call *call, enum ol_call_id id, const void *caller, int fd)
{
    struct ol_argument argument = ID(fd);
    ol_gate_judge(call, id, OL_RULE_close, caller, &argument, OL_IF_SLOW);
}

static void closing_range(unsigned first, unsigned last)
{
    if (ol_self.wait_fd >= 0 && (unsigned)ol_self.wait_fd >= first &&
        (unsigned)ol_self.wait_fd <= last)
        ol_loop_closing(ol_self.wait_fd);
}

/* A function that closes `fd`. It is judged on a loop, whose descriptor may go: in a turn or not.
 */
#define CLOSES(symbol, fd, parameters, arguments, before, after)                                   \
    static __attribute__((used)) int wrap_##symbol parameters;                                     \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        struct ol_call call;                                                                       \
        before;                                                                                    \
        bool judged = !ol_gate_is_open();                                                          \
        if (judged)                                                                                \
            judge(&call, OL_CALL_##symbol, caller, (int)(fd));                                     \
        int result = REAL(symbol) arguments;                                                       \
        if (judged)                                                                                \
            ol_gate_leave(&call);                                                                  \
        after;                                                                                     \
        return result;                                                                             \
    }                                                                                              \
    static int wrap_##symbol parameters                                                            \
    {                                                                                              \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (OL_LIKELY(!ol_self.is_loop && known != NULL))                                          \
            return ((__typeof(&wrap_##symbol))known)arguments;                                     \
        return judged_##symbol(OL_CALLER, OL_UNWRAP arguments);                                    \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

#define NOTHING (void)0
#define REPLACED(happened, fd)                                                                     \
    if (ol_self.is_loop && (happened))                                                             \
    ol_loop_closing(fd)

CLOSES(close, fd, (int fd), (fd), ol_loop_closing(fd), NOTHING)
CLOSES(dup2, to, (int from, int to), (from, to), NOTHING, REPLACED(result >= 0 && from != to, to))
CLOSES(dup3, to, (int from, int to, int flags), (from, to, flags), NOTHING,
       REPLACED(result >= 0, to))
CLOSES(close_range, first, (unsigned first, unsigned last, int flags), (first, last, flags),
       NOTHING, if (result == 0 && !(flags & CLOSE_RANGE_CLOEXEC)) closing_range(first, last))

static void wrap_closefrom(int first);

static __attribute__((noinline)) void judged_closefrom(const void *caller, int first)
{
    struct ol_call call;
    bool judged = !ol_gate_is_open();
    if (judged)
        judge(&call, OL_CALL_closefrom, caller, first);
    REAL(closefrom)(first);
    if (judged)
        ol_gate_leave(&call);
    if (ol_self.is_loop)
        closing_range(first > 0 ? (unsigned)first : 0, ~0u);
}

static __attribute__((used)) void wrap_closefrom(int first)
{
    ol_real_function *known = ol_real_slots[OL_SLOT_closefrom];
    if (OL_LIKELY(!ol_self.is_loop && known != NULL))
        ((void (*)(int))known)(first);
    else
        judged_closefrom(OL_CALLER, first);
}

OL_EXPORT(closefrom)
OL_CHECK_SIGNATURE(closefrom)
