/* SPDX-License-Identifier: MIT */
/* Filters of system calls. The contract is in shim/sandbox.h, what follows from one in
 * detector/sandbox.h. */
#include "sandbox.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../detector/filters.h"
#include "../detector/log.h"
#include "../detector/prepare.h"
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "../detector/recorder.h"
#include "../detector/scratch.h"
#include "../detector/thread.h"

bool ol_sandbox_filter_is_set_by_prctl(unsigned long option, unsigned long mode)
{
    return option == PR_SET_SECCOMP && (mode == SECCOMP_MODE_FILTER || mode == SECCOMP_MODE_STRICT);
}

bool ol_sandbox_filter_is_set_by_number(long number, long a, long b)
{
    return number == SYS_prctl
               ? ol_sandbox_filter_is_set_by_prctl((unsigned long)a, (unsigned long)b)
               : number == SYS_seccomp &&
                     (a == SECCOMP_SET_MODE_FILTER || a == SECCOMP_SET_MODE_STRICT);
}

/* The record with its file, libunwind, the log, the thread's scratch: all that is opened or mapped.
 */
static void make_ready(void)
{
    bool inside = ol_self.inside;
    bool armed = ol_self.armed;
    ol_self.armed = false;
    ol_self.inside = true;
    if (!inside && ol_prepare_loops())
        ol_scratch_get();
    ol_recorder_reach_all();
    ol_log_keep();
    ol_raw_look_at_clock();
    ol_self.inside = inside;
    ol_self.armed = armed;
}

#define NO_FILTER (-2) /* programs ask by it whether they could set one */

int ol_sandbox_filter_begins(bool strict, const void *filter)
{
    if (!strict && !filter)
        return NO_FILTER;
    int saved = errno;
    int number = ol_filters_plan(strict ? NULL : filter);
    if (ol_process.ready && ol_sandbox_narrows(number))
        make_ready();
    ol_sandbox_enter(number);
    errno = saved;
    return number;
}

void ol_sandbox_filter_is_set(int number, bool succeeded)
{
    if (number == NO_FILTER)
        return;
    if (!succeeded)
        ol_sandbox_withdraw(number);
    else if (ol_process.ready && ol_sandbox_is_narrow)
        ol_recorder_blind_spot("what a seccomp filter forbids",
                               "the program set one, and offloop makes no system call that it "
                               "does not allow: calls, arguments, times and lines may be missing");
}
