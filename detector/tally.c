/* Counts and times of hits. The contract is in tally.h. */
#include "tally.h"

#include <string.h>

#include "rawio.h"
#include "recorder.h"

/* A site that a guarded Python callable made (its name has a dot): a C call of the same rule from
 * the same line is what the callable left to do, as the reads of an iterator that os.scandir()
 * gave. */
static bool is_part_of_a_callable(const struct ol_hit *hit)
{
    return !hit->named && hit->site.index != OL_SITE_LOST &&
           strchr(ol_recorder_string_at(ol_site_entry_of(hit->site)->function), '.');
}

static bool is_import(const struct ol_hit *hit)
{
    return hit->site.rule == OL_RULE_import && hit->site.index != OL_SITE_LOST;
}

void ol_tally_count(struct ol_hit *hit)
{
    hit->counted = true;
    if (is_part_of_a_callable(hit) || (is_import(hit) && !ol_import_begins(hit->site)))
        return;
    atomic_fetch_add_explicit(&ol_recorder->hits, 1, memory_order_relaxed);
    if (hit->site.index == OL_SITE_LOST)
        atomic_fetch_add_explicit(&ol_recorder->hits_lost, 1, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&ol_site_entry_of(hit->site)->count, 1, memory_order_relaxed);
}

void ol_tally_start(struct ol_hit *hit)
{
    if (!hit->file_only) /* sockets by the thousand: their calls are not to pay for it */
        ol_raw_thread_usage(&hit->before);
    hit->started = ol_raw_now() - (int64_t)hit->added_ns;
}

/* Long enough, and by its own doing: it waited, or it worked that long. A thread that only had to
 * hand its processor to others took no longer for that. */
bool ol_tally_was_slow(const struct ol_hit *hit, int64_t now)
{
    struct ol_usage usage = hit->before;
    if (now - hit->started < hit->least)
        return false;
    if (hit->file_only)
        return ol_raw_is_file((int)hit->argument.number);
    if (ol_raw_thread_usage(&usage) != 0)
        return false;
    return usage.waits > hit->before.waits || usage.major_faults > hit->before.major_faults ||
           usage.cpu_ns - hit->before.cpu_ns >= (uint64_t)hit->least;
}

void ol_tally_add(struct ol_hit *hit, int64_t now)
{
    uint64_t whole_ns = (uint64_t)(now - hit->started);
    uint64_t ns = whole_ns - hit->added_ns;
    struct ol_usage usage = hit->before;
    hit->added_ns = whole_ns;
    if (ol_self.is_loop)
        atomic_fetch_add_explicit(&ol_recorder->time_lost_ns, ns, memory_order_relaxed);
    if (hit->site.index == OL_SITE_LOST)
        return;
    struct ol_site_entry *site = ol_site_entry_of(hit->site);
    if (!hit->file_only)
        ol_raw_thread_usage(&usage);
    /* a slow-only call is over before its site is made */
    int64_t last = now > site->first_ns ? now : site->first_ns;
    atomic_store_explicit(&site->last_ns, last, memory_order_relaxed);
    atomic_fetch_add_explicit(&site->total_ns, ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&site->waits, usage.waits - hit->before.waits, memory_order_relaxed);
    atomic_fetch_add_explicit(&site->major_faults, usage.major_faults - hit->before.major_faults,
                              memory_order_relaxed);
    ol_recorder_raise(&site->max_ns, is_import(hit) ? ol_import_add(ns) : whole_ns);
}
