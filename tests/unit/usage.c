/* SPDX-License-Identifier: MIT */
/* detector/usage.c: when the kernel is asked what a thread used, and what is made of it. */
#include "detector/usage.h"
#include "detector/thread.h"

#include <criterion/criterion.h>
#include <unistd.h>

#define MS INT64_C(1000000)

static int64_t begun(void)
{
    int64_t now = ol_raw_now();
    cr_assert(ol_usage_begin(now, false));
    return now;
}

static void wait_once(void)
{
    usleep(2000);
}

Test(usage, a_call_that_counts_is_asked_for_each_time)
{
    int64_t now = begun();
    cr_assert(ol_usage_begin(now + 1, false));
}

Test(usage, what_counts_if_slow_takes_over_what_was_known_a_moment_ago)
{
    int64_t now = begun();
    cr_assert_not(ol_usage_begin(now + OL_USAGE_PAUSE - 1, true));
    ol_usage_pass(now + OL_USAGE_PAUSE - 1, now + 2 * OL_USAGE_PAUSE - 2);
    cr_assert_not(ol_usage_begin(now + 2 * OL_USAGE_PAUSE, true));
}

Test(usage, what_was_known_does_not_outlast_a_pause_nor_a_long_call)
{
    int64_t now = begun();
    cr_assert(ol_usage_begin(now + OL_USAGE_PAUSE, true));
    now = begun();
    ol_usage_pass(now, now + OL_USAGE_PAUSE);
    cr_assert(ol_usage_begin(now + OL_USAGE_PAUSE, true));
}

Test(usage, what_was_known_grows_old)
{
    int64_t now = begun();
    for (int64_t at = now; at < now + OL_USAGE_LONGEST; at += OL_USAGE_PAUSE / 2)
        ol_usage_pass(at, at + 1);
    cr_assert(ol_usage_begin(now + OL_USAGE_LONGEST, true));
}

Test(usage, the_loops_wait_ends_what_was_known)
{
    int64_t now = begun();
    ol_usage_forget();
    cr_assert(ol_usage_begin(now + 1, true));
}

Test(usage, a_call_of_less_than_a_microsecond_did_not_wait)
{
    int64_t now = begun();
    struct ol_usage_known before = ol_self.known;
    wait_once();
    cr_assert_eq(ol_usage_of(&before, now, now + OL_USAGE_NO_WAIT - 1).waits, 0);
    cr_assert_geq(ol_usage_of(&before, now, now + OL_USAGE_NO_WAIT).waits, 1);
}

Test(usage, who_waited_was_busy_and_who_lost_the_processor_was_not)
{
    int64_t now = begun();
    struct ol_usage_known before = ol_self.known;
    cr_assert_not(ol_usage_was_busy(&before, now, 3600 * 1000 * MS));
    wait_once();
    cr_assert(ol_usage_was_busy(&before, now, 3600 * 1000 * MS));
}

Test(usage, work_is_counted_from_the_calls_begin)
{
    int64_t now = begun();
    struct ol_usage_known before = ol_self.known;
    struct ol_usage usage;
    do
        ol_raw_thread_usage(&usage);
    while (usage.cpu_ns < before.usage.cpu_ns + 2 * MS);
    before.usage.waits = before.usage.major_faults = UINT64_MAX; /* this is about work alone */
    cr_assert(ol_usage_was_busy(&before, now, 2 * MS));
    cr_assert_not(ol_usage_was_busy(&before, now + 3600 * 1000 * MS, 2 * MS));
}

Test(usage, a_threshold_of_0_takes_everything)
{
    int64_t now = begun();
    struct ol_usage_known before = ol_self.known;
    cr_assert(ol_usage_was_busy(&before, now + MS, 0));
}
