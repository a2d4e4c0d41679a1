/* SPDX-License-Identifier: MIT */
/* syscall(): the numbers that matter are judged as the function they stand for. Seven words in, as
 * in the C library; what a caller did not pass is passed on unread. */
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../detector/loop.h"
#include "conditions.h"
#include "sandbox.h"
#include "waits.h"
#include "wrap.h"

#ifndef SYS_futex_wait /* Linux 6.7, the same number everywhere */
#define SYS_futex_wait 455
#endif

typedef long syscall_function(long number, long a, long b, long c, long d, long e, long f);

/* Not FUTEX_WAIT_BITSET, which Rust's standard library uses for all, nor a wait for 1 to change, by
 * which parking_lot does: tokio's idle workers wait by both for their next turn. */
static enum ol_when waits_on_futex(int operation, int value)
{
    int command = operation & FUTEX_CMD_MASK;
    bool waits = (command == FUTEX_WAIT && value != 1) || command == FUTEX_LOCK_PI;
    return waits ? OL_IF_SLOW : OL_SILENT;
}

/* std::future of libstdc++: no lock waits while its word has this bit alone. */
static bool waits_for_outcome(int operation, int value)
{
    int command = operation & FUTEX_CMD_MASK;
    return (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && value == INT_MIN;
}

/* Entered to wait for completions. libuv does it for a moment, to hand its epoll_ctl calls over:
 * only a slow one is a wait. */
static enum ol_when waits_in_uring(unsigned least, unsigned flags)
{
    return least && flags & IORING_ENTER_GETEVENTS ? OL_IF_SLOW : OL_SILENT;
}

/* One number's row, filled from its arguments. */
struct judged_number {
    enum ol_call_id call;
    enum ol_rule rule;
    enum ol_when when;
    struct ol_argument argument;
};

static struct judged_number look_up(long number, long a, long b, long c, long d, long f)
{
    struct judged_number row = {.when = OL_SILENT};
    switch (number) {
#define SYSCALL(name, of_call, of_rule, may_block, shown)                                          \
    case SYS_##name:                                                                               \
        row.call = OL_CALL_##of_call;                                                              \
        row.rule = OL_RULE_##of_rule;                                                              \
        row.when = (enum ol_when)(may_block);                                                      \
        row.argument = shown;                                                                      \
        break;
#include "syscalls.def"
#undef SYSCALL
    default:
        break;
    }
    if (number == SYS_futex && waits_for_outcome((int)b, (int)c)) {
        row.call = OL_CALL_pthread_cond_wait;
        row.rule = OL_RULE_cond_wait;
        row.when = OL_COUNTS;
    }
    return row;
}

static __attribute__((noinline)) long judged_syscall(const void *caller, long number, long a,
                                                     long b, long c, long d, long e, long f)
{
    syscall_function *real = (syscall_function *)ol_real_get(OL_SLOT_syscall);
    if (ol_gate_is_open())
        return real(number, a, b, c, d, e, f);
    struct judged_number row = look_up(number, a, b, c, d, f);
    if (row.when == OL_SILENT)
        return real(number, a, b, c, d, e, f);
    struct ol_call hit;
    if (!ol_gate_judge(&hit, row.call, row.rule, caller, &row.argument, row.when))
        return OL_FAIL_VALUE_minus_one;
    long result = real(number, a, b, c, d, e, f);
    ol_gate_leave(&hit);
    return result;
}

/* A ring's wait for completions: a loop's own is timed as epoll_wait is, any other judged. */
static __attribute__((noinline)) long enters_ring(const void *caller, long ring, long submits,
                                                  long least, long flags, long mask, long size)
{
    bool registered = flags &
                      IORING_ENTER_REGISTERED_RING; /* by its number, which is no descriptor */
    const struct ol_wait wait = {.kind = OL_WAIT_ring,
                                 .name = "io_uring_enter",
                                 .fd = (int)(registered ? ~ring : ring),
                                 .immediate = !(flags & IORING_ENTER_GETEVENTS),
                                 .hands_over = (unsigned)submits == (unsigned)least,
                                 .caller = caller,
                                 .stack = (uintptr_t)__builtin_frame_address(0)};
    /* libev asks for completions without a wait, in place of a timeout of 0 */
    if (ol_waits_is_no_loop(caller) || !(unsigned)least || ol_waits_enter(&wait) != OL_WAIT_loop)
        return judged_syscall(caller, SYS_io_uring_enter, ring, submits, least, flags, mask, size);
    syscall_function *real = (syscall_function *)ol_real_get(OL_SLOT_syscall);
    long result = real(SYS_io_uring_enter, ring, submits, least, flags, mask, size);
    ol_loop_resume();
    return result;
}

/* A filter that can't be read fails with the kernel too. */
static __attribute__((noinline)) long sets_filter(long number, long a, long b, long c, long d,
                                                  long e, long f)
{
    syscall_function *real = (syscall_function *)ol_real_get(OL_SLOT_syscall);
    if (!ol_sandbox_filter_is_set_by_number(number, a, b))
        return real(number, a, b, c, d, e, f);
    bool strict = number == SYS_prctl ? b == SECCOMP_MODE_STRICT : a == SECCOMP_SET_MODE_STRICT;
    int filter = ol_sandbox_filter_begins(strict, (const void *)c);
    long result = real(number, a, b, c, d, e, f);
    ol_sandbox_filter_is_set(filter, result >= 0);
    return result;
}

static __attribute__((noinline)) long is_special(const void *caller, long number, long a, long b,
                                                 long c, long d, long e, long f)
{
    return number == SYS_io_uring_enter ? enters_ring(caller, a, b, c, d, e, f)
                                        : sets_filter(number, a, b, c, d, e, f);
}

/* By number, for one look. */
static const bool special[] = {
    [SYS_io_uring_enter] = true,
    [SYS_seccomp] = true,
    [SYS_prctl] = true,
};

static __attribute__((used)) long wrap_syscall(long number, long a, long b, long c, long d, long e,
                                               long f)
{
    ol_real_function *known = ol_real_slots[OL_SLOT_syscall];
    if (OL_UNLIKELY((unsigned long)number < sizeof special && special[number]))
        return is_special(OL_CALLER, number, a, b, c, d, e, f);
    if (ol_gate_is_open() && OL_LIKELY(known != NULL))
        return ((syscall_function *)known)(number, a, b, c, d, e, f);
    return judged_syscall(OL_CALLER, number, a, b, c, d, e, f);
}

OL_EXPORT(syscall)
