/* Counts and times of hits. The contract is in tally.h. */
#include "tally.h"

#include <string.h>

#include "rawio.h"
#include "recorder.h"
#include "usage.h"

/* A site that a guarded Python callable made (its name has a dot): a C call of the same rule from
 * the same line is what the callable left to do, as the reads of an iterator that os.scandir()
 * gave. */
static bool is_part_of_a_callable(const struct ol_hit *hit)
{
    return !hit->named && hit->site.index != OL_SITE_LOST &&
           strchr(ol_recorder_string_at(ol_site_entry_of(hit->site)->function), '.');
}

void ol_tally_count(struct ol_hit *hit)
{
    hit->counted = true;
    if (is_part_of_a_callable(hit) || (ol_import_is(hit->site) && !ol_import_begins(hit->site)))
        return;
    atomic_fetch_add_explicit(&ol_recorder->hits, 1, memory_order_relaxed);
    if (hit->site.index == OL_SITE_LOST)
        atomic_fetch_add_explicit(&ol_recorder->hits_lost, 1, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&ol_site_entry_of(hit->site)->count, 1, memory_order_relaxed);
}

void ol_tally_start(struct ol_hit *hit)
{
    int64_t now = ol_raw_now();
    if (ol_usage_begin(now, hit->slow_only))
        now = ol_raw_now();
    hit->before = ol_self.known;
    hit->started = now - (int64_t)hit->added_ns;
}

bool ol_tally_was_slow(const struct ol_hit *hit, int64_t now)
{
    int fd = (int)hit->argument.number;
    if (now - hit->started < hit->least) {
        ol_usage_pass(hit->started, now);
        return false;
    }
    return ol_usage_was_busy(&hit->before, hit->started, hit->least) &&
           (!hit->file_only || ol_raw_is_file(fd)) && (!hit->at_offset || ol_raw_has_offset(fd));
}

void ol_tally_add(struct ol_hit *hit, int64_t now)
{
    uint64_t whole_ns = (uint64_t)(now - hit->started);
    uint64_t ns = whole_ns - hit->added_ns;
    hit->added_ns = whole_ns;
    if (ol_self.is_loop)
        atomic_fetch_add_explicit(&ol_recorder->time_lost_ns, ns, memory_order_relaxed);
    if (hit->site.index == OL_SITE_LOST)
        return;
    struct ol_site_entry *site = ol_site_entry_of(hit->site);
    struct ol_usage usage = ol_usage_of(&hit->before, now - (int64_t)ns, now);
    /* a slow-only call is over before its site is made */
    int64_t last = now > site->first_ns ? now : site->first_ns;
    atomic_store_explicit(&site->last_ns, last, memory_order_relaxed);
    atomic_fetch_add_explicit(&site->total_ns, ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&site->waits, usage.waits, memory_order_relaxed);
    atomic_fetch_add_explicit(&site->major_faults, usage.major_faults, memory_order_relaxed);
    ol_recorder_raise(&site->max_ns, ol_import_is(hit->site) ? ol_import_add(ns) : whole_ns);
}
