/* SPDX-License-Identifier: MIT */
/* The thread's use of the machine. The contract is in usage.h. */
#include "usage.h"

static bool ask(int64_t now)
{
    struct ol_usage_known *known = &ol_self.known;
    bool told = ol_raw_thread_usage(&known->usage) == 0;
    known->asked = known->holds = told ? now : 0;
    return told;
}

static bool still_holds(const struct ol_usage_known *known, int64_t now)
{
    return known->asked && now - known->holds < OL_USAGE_PAUSE &&
           now - known->asked < OL_USAGE_LONGEST;
}

bool ol_usage_begin(int64_t now, bool slow_only)
{
    if (slow_only && still_holds(&ol_self.known, now))
        return false;
    ask(now);
    return true;
}

/* The child of a bare clone() begins with nothing used. */
static uint64_t grown(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

struct ol_usage ol_usage_of(const struct ol_usage_known *before, int64_t started, int64_t now)
{
    struct ol_usage_known *known = &ol_self.known;
    if (now - started < OL_USAGE_NO_WAIT) {
        known->holds = now;
        return (struct ol_usage){0};
    }
    if (!before->asked || !ask(now))
        return (struct ol_usage){0};
    return (struct ol_usage){
        .waits = grown(before->usage.waits, known->usage.waits),
        .major_faults = grown(before->usage.major_faults, known->usage.major_faults),
        .cpu_ns = grown(before->usage.cpu_ns, known->usage.cpu_ns)};
}

void ol_usage_pass(int64_t started, int64_t now)
{
    if (now - started < OL_USAGE_PAUSE)
        ol_self.known.holds = now;
    else
        ol_usage_forget();
}

/* What the thread worked before the call, since it was asked, is not the call's. */
bool ol_usage_was_busy(const struct ol_usage_known *before, int64_t started, int64_t least)
{
    struct ol_usage after;
    ol_usage_forget();
    if (!before->asked || ol_raw_thread_usage(&after) != 0)
        return false;
    uint64_t worked = grown(before->usage.cpu_ns, after.cpu_ns);
    int64_t enough = least ? least + started - before->asked : 0;
    return after.waits > before->usage.waits || after.major_faults > before->usage.major_faults ||
           worked >= (uint64_t)enough;
}

void ol_usage_forget(void)
{
    ol_self.known.asked = 0;
}
