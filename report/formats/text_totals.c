/* SPDX-License-Identifier: MIT */
/* The end of the text report: sums, what is missing, and the next step. */
#include <string.h>

#include "../number.h"
#include "../phrase.h"
#include "text.h"

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* The first line of the report has the other sums. */
static void put_sum(struct ol_page *page, const struct ol_model *model)
{
    const struct ol_totals *totals = &model->totals;
    ol_page_put(page, OL_STYLE_BOLD, "%s violation%s:", ol_number_count(page->pool, totals->sites),
                plural(totals->sites));
    const char *before = "";
    for (int i = OL_SEVERITY_COUNT - 1; i >= 0; i--)
        if (totals->sites_by_severity[i]) {
            ol_page_put(page, OL_STYLE_PLAIN, "%s %zu %s%s", before, totals->sites_by_severity[i],
                        ol_severity_names[i], plural(totals->sites_by_severity[i]));
            before = ",";
        }
    if (model->hidden)
        ol_page_put(page, OL_STYLE_DIM, " (%zu not shown: below --min-severity)", model->hidden);
    ol_page_line(page, 0);
}

struct rule_sum {
    const char *rule;
    uint64_t sites, hits, time_ns;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rule_sum *)a)->rule, ((const struct rule_sum *)b)->rule);
}

static int by_time(const void *a, const void *b)
{
    const struct rule_sum *x = a, *y = b;
    return x->time_ns != y->time_ns ? (x->time_ns < y->time_ns) - (x->time_ns > y->time_ns)
                                    : by_name(a, b);
}

/* One entry a rule, the most time first; returns how many. */
static size_t sum_rules(struct obstack *pool, const struct ol_model *model, struct rule_sum **sums)
{
    size_t all = model->violation_count, count = 0;
    *sums = ol_pool_array(pool, all, sizeof **sums);
    for (size_t i = 0; i < all; i++)
        (*sums)[i] = (struct rule_sum){model->violations[i].rule, 1, model->violations[i].count,
                                       model->violations[i].total_ns};
    qsort(*sums, all, sizeof **sums, by_name);
    for (size_t i = 0; i < all; i++) {
        struct rule_sum *last = count ? &(*sums)[count - 1] : NULL;
        if (!last || by_name(last, &(*sums)[i]) != 0) {
            (*sums)[count++] = (*sums)[i];
            continue;
        }
        last->sites++;
        last->hits += (*sums)[i].hits;
        last->time_ns += (*sums)[i].time_ns;
    }
    qsort(*sums, count, sizeof **sums, by_time);
    return count;
}

static void put_rules(struct ol_page *page, const struct ol_model *model)
{
    struct rule_sum *sums;
    size_t count = sum_rules(page->pool, model, &sums);
    for (size_t i = 0; i < count; i++) {
        page->indent = 4;
        ol_page_put(page, OL_STYLE_PLAIN, "  %-14s", sums[i].rule);
        ol_page_put(page, OL_STYLE_PLAIN, " %10s", ol_number_duration(page->pool, sums[i].time_ns));
        ol_page_put(page, OL_STYLE_PLAIN, "  %s hit%s", ol_number_count(page->pool, sums[i].hits),
                    plural(sums[i].hits));
        ol_page_put(page, OL_STYLE_PLAIN, " at %s place%s",
                    ol_number_count(page->pool, sums[i].sites), plural(sums[i].sites));
        ol_page_line(page, 0);
    }
}

/* What found no room is part of the result: a report that hides it would call itself complete. */
static void put_dropped(struct ol_page *page, const struct ol_model *model)
{
    if (!model->totals.dropped)
        return;
    page->indent = 2;
    ol_page_put(page, OL_STYLE_ERROR, "INCOMPLETE:");
    ol_page_put(page, OL_STYLE_ERROR, " %s hits without a place of their own",
                ol_number_count(page->pool, ol_model_hits_lost(model)));
    for (int id = 0; id < OL_SECTION_COUNT; id++) {
        uint64_t lost = ol_model_lost(model, (enum ol_section_id)id);
        if (lost && id != OL_SECTION_sites)
            ol_page_put(page, OL_STYLE_ERROR, ", %s %s", ol_number_count(page->pool, lost),
                        ol_reader_section_names[id]);
    }
    ol_page_put(page, OL_STYLE_ERROR, " did not fit into the record");
    ol_page_line(page, 0);
}

static void put_blind_spots(struct ol_page *page, const struct ol_model *model)
{
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->blind_spot_count; i++) {
            const struct ol_blind_spot *spot = &run->blind_spots[i];
            page->indent = 2;
            ol_page_put(page, OL_STYLE_WARNING, "not watched: ");
            ol_page_words(page, OL_STYLE_PLAIN, spot->what ? spot->what : "?");
            ol_page_put(page, OL_STYLE_PLAIN, ": ");
            ol_page_words(page, OL_STYLE_PLAIN, spot->why ? spot->why : "?");
            ol_page_line(page, 0);
        }
}

static void put_suppressed(struct ol_page *page, const struct ol_model *model)
{
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->suppressed_count; i++) {
            const struct ol_suppressed *allow = &run->suppressed[i];
            page->indent = 2;
            if (allow->hits)
                ol_page_put(page, OL_STYLE_DIM, "allowed %s time%s: %s",
                            ol_number_count(page->pool, allow->hits), plural(allow->hits),
                            allow->rule ? allow->rule : "?");
            else
                ol_page_put(page, OL_STYLE_DIM, "allowed nothing: %s",
                            allow->rule ? allow->rule : "?");
            ol_page_line(page, 0);
        }
}

static void put_baseline(struct ol_page *page, const struct ol_model *model)
{
    const struct ol_baseline *baseline = model->baseline;
    if (!baseline)
        return;
    ol_page_put(page, OL_STYLE_PLAIN, "%s: ", baseline->path);
    ol_page_put(page, baseline->added ? OL_STYLE_ERROR : OL_STYLE_GOOD, "%s",
                ol_phrase_baseline(page->pool, baseline));
    ol_page_line(page, 0);
}

static void put_next(struct ol_page *page, const struct ol_model *model)
{
    if (!model->violation_count)
        return;
    const struct ol_violation *worst = &model->violations[0];
    page->indent = 2;
    ol_page_put(page, OL_STYLE_DIM, "next: offloop explain %s", worst->rule);
    ol_page_put(page, OL_STYLE_DIM, "  tells what to do about the first one");
    ol_page_line(page, 0);
}

void ol_text_put_totals(struct ol_page *page, struct ol_model *model)
{
    if (ol_model_loops(model) || model->totals.sites)
        ol_page_line(page, 0);
    if (model->totals.sites) {
        put_sum(page, model);
        put_rules(page, model);
    }
    put_baseline(page, model);
    put_dropped(page, model);
    put_blind_spots(page, model);
    put_suppressed(page, model);
    put_next(page, model);
}
