/* SPDX-License-Identifier: MIT */
/* Counts and times of hits. The contract is in tally.h. */
#include "tally.h"

#include <string.h>

#include "import.h"
#include "rawio.h"
#include "recorder.h"
#include "step.h"
#include "thread.h"
#include "usage.h"

/* A site that a guarded Python callable made (its name has a dot): a C call of the same rule from
 * the same line is what the callable left to do, as the reads of an iterator that os.scandir()
 * gave. */
static bool is_part_of_a_callable(const struct ol_call *hit)
{
    return !hit->named && hit->site.index != OL_SITE_LOST &&
           strchr(ol_recorder_string_at(ol_site_entry_of(hit->site)->function), '.');
}

/* A held hit counts when its step is over, see step.h. */
static void add(const struct ol_call *hit, const struct ol_site_sum *more)
{
    if (!hit->held || ol_step_hold(hit->site, more))
        ol_site_add(hit->site, more);
}

void ol_tally_count(struct ol_call *hit)
{
    hit->counted = true;
    if (is_part_of_a_callable(hit) ||
        (ol_import_is(hit->site) && !ol_import_begins(hit->site, hit->held)))
        return;
    add(hit, &(struct ol_site_sum){.count = 1});
}

void ol_tally_start(struct ol_call *hit)
{
    int64_t now = ol_raw_now();
    if (ol_usage_begin(now, hit->slow_only))
        now = ol_raw_now();
    hit->before = ol_self.known;
    hit->started = now - (int64_t)hit->added_ns;
}

bool ol_tally_was_slow(const struct ol_call *hit, int64_t now)
{
    int fd = (int)hit->argument.number;
    if (now - hit->started < hit->least) {
        ol_usage_pass(hit->started, now);
        return false;
    }
    return ol_usage_was_busy(&hit->before, hit->started, hit->least) &&
           (!hit->file_only || ol_raw_is_file(fd)) && (!hit->at_offset || ol_raw_has_offset(fd));
}

void ol_tally_add(struct ol_call *hit, int64_t now)
{
    bool import = ol_import_is(hit->site);
    uint64_t whole_ns = (uint64_t)(now - hit->started);
    uint64_t call_ns = whole_ns - hit->added_ns;
    uint64_t ns = import ? ol_import_add(now - (int64_t)call_ns, now) : call_ns;
    hit->added_ns = whole_ns;
    if (!import)
        ol_import_leave_out(ns);
    struct ol_usage usage = ol_usage_of(&hit->before, now - (int64_t)call_ns, now);
    struct ol_site_sum sum = {.ns = ns,
                              .max_ns = import ? ol_self.import.ns : whole_ns,
                              .waits = usage.waits,
                              .major_faults = usage.major_faults,
                              .last_ns = now};
    add(hit, &sum);
}
