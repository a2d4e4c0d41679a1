/* SPDX-License-Identifier: MIT */
/* The last line of a process. The contract is in summary.h. report/closing.c says the same of all
 * processes of a run. */
#include "summary.h"

#include "log.h"
#include "recorder.h"
#include "text.h"

static void add_count(struct ol_text *line, uint64_t count, const char *one, const char *many)
{
    ol_text_add_unsigned(line, count);
    ol_text_add(line, count == 1 ? one : many);
}

/* Sites with hits: a site may also be a place that was noted, or one that two threads made at once.
 */
static uint32_t sites_hit(void)
{
    uint32_t hit = 0;
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_sites); i++) {
        const struct ol_site_entry *site = ol_recorder_entry(OL_SECTION_sites, i);
        hit += site->state == OL_ENTRY_ready && site->count;
    }
    return hit;
}

struct loops {
    uint64_t threads, loops;
    bool judged; /* some turn has begun */
};

/* An entry that turned out to be none is free again. */
static struct loops count_loops(void)
{
    struct loops sum = {0, 0, false};
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_loops); i++) {
        const struct ol_loop_entry *entry = ol_recorder_entry(OL_SECTION_loops, i);
        if (entry->state != OL_ENTRY_ready)
            continue;
        sum.threads += entry->threads;
        sum.loops += entry->loops;
        sum.judged |= entry->turns || entry->turn_began_ns;
    }
    return sum;
}

struct suppressed {
    uint64_t calls;
    uint32_t rules;
};

static struct suppressed count_suppressed(void)
{
    struct suppressed sum = {0, 0};
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_suppressed); i++) {
        const struct ol_suppressed_entry *entry = ol_recorder_entry(OL_SECTION_suppressed, i);
        if (entry->state != OL_ENTRY_ready || !entry->hits)
            continue;
        sum.calls += entry->hits;
        sum.rules++;
    }
    return sum;
}

static void add_loops(struct ol_text *line)
{
    struct loops sum = count_loops();
    if (!sum.threads)
        return;
    ol_text_add(line, " on ");
    add_count(line, sum.threads, " loop thread", " loop threads");
    if (sum.loops <= sum.threads)
        return;
    ol_text_add(line, " (");
    add_count(line, sum.loops, " loop)", " loops)");
}

static void add_hits(struct ol_text *line, struct suppressed suppressed)
{
    add_count(line, sites_hit(), " violation, ", " violations, ");
    add_count(line, ol_recorder->hits, " hit, ", " hits, ");
    ol_text_add_duration(line, ol_recorder->time_lost_ns);
    ol_text_add(line, " lost");
    add_loops(line);
    if (suppressed.calls) {
        ol_text_add(line, " (");
        add_count(line, suppressed.calls, " suppressed)", " suppressed)");
    }
    if (ol_recorder->hits_lost) {
        ol_text_add(line, "; ");
        add_count(line, ol_recorder->hits_lost, " hit", " hits");
        ol_text_add(line, " did not fit into the record");
    }
}

static void add_clean(struct ol_text *line, struct suppressed suppressed)
{
    ol_text_add(line, "no violations");
    add_loops(line);
    if (!suppressed.calls)
        return;
    ol_text_add(line, " (");
    add_count(line, suppressed.calls, " call suppressed by ", " calls suppressed by ");
    add_count(line, suppressed.rules, " allow rule)", " allow rules)");
}

void ol_summary_say(void)
{
    char bytes[4500];
    struct ol_text line = OL_TEXT(bytes);
    if (ol_recorder->hits)
        add_hits(&line, count_suppressed());
    else if (!count_loops().judged)
        ol_text_add(&line, "loops waited, but no turn of theirs was seen, so nothing was judged");
    else
        add_clean(&line, count_suppressed());
    if (ol_recorder_path()[0]) {
        ol_text_add(&line, ": offloop report ");
        ol_text_add(&line, ol_recorder_path());
    }
    ol_log_say(bytes);
}
