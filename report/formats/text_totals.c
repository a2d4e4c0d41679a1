/* SPDX-License-Identifier: MIT */
/* The end of the text report: sums, what is missing, and the next step. */
#include <string.h>

#include "../baseline.h"
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

static void put_rules(struct ol_page *page, const struct ol_model *model)
{
    for (size_t i = 0; i < model->sums.rule_count; i++) {
        const struct ol_rule_sum *sum = &model->sums.rules[i];
        if (!sum->violations)
            continue;
        page->indent = 4;
        ol_page_put(page, OL_STYLE_PLAIN, "  %-14s", sum->rule);
        ol_page_put(page, OL_STYLE_PLAIN, " %10s", ol_number_duration(page->pool, sum->time_ns));
        ol_page_put(page, OL_STYLE_PLAIN, "  %s hit%s", ol_number_count(page->pool, sum->hits),
                    plural(sum->hits));
        ol_page_put(page, OL_STYLE_PLAIN, " at %s place%s",
                    ol_number_count(page->pool, sum->violations), plural(sum->violations));
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

static void put_notes(struct ol_page *page, const struct ol_model *model)
{
    for (size_t i = 0; i < model->sums.note_count; i++) {
        const struct ol_note *note = &model->sums.notes[i];
        page->indent = 2;
        ol_page_put(page, OL_STYLE_WARNING, "not watched: ");
        ol_page_words(page, OL_STYLE_PLAIN, note->what);
        ol_page_put(page, OL_STYLE_PLAIN, ": ");
        ol_page_words(page, OL_STYLE_PLAIN, note->why);
        if (note->runs > 1)
            ol_page_put(page, OL_STYLE_DIM, " (%zu programs)", note->runs);
        ol_page_line(page, 0);
    }
}

static void put_suppressed(struct ol_page *page, const struct ol_model *model)
{
    for (size_t i = 0; i < model->sums.suppressed_count; i++) {
        const struct ol_suppressed *allow = &model->sums.suppressed[i];
        page->indent = 2;
        if (allow->hits)
            ol_page_put(page, OL_STYLE_DIM, "allowed %s time%s: %s",
                        ol_number_count(page->pool, allow->hits), plural(allow->hits), allow->rule);
        else
            ol_page_put(page, OL_STYLE_DIM, "allowed nothing: %s", allow->rule);
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
                ol_baseline_words(page->pool, baseline));
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
    put_notes(page, model);
    put_suppressed(page, model);
    put_next(page, model);
}
