/* SPDX-License-Identifier: MIT */
/* A summary in GitHub-flavoured Markdown, for job summaries and comments. GitHub takes 1 MiB a
 * step: of very many violations the first ones are shown, and the rest is counted. */
#include "format.h"

#include <ctype.h>
#include <stdbool.h>

#include "../baseline.h"
#include "../number.h"
#include "../outlet.h"
#include "../phrase.h"
#include "../place.h"
#include "../plain.h"

#define ROWS_MAX 200
#define CELL_COLUMNS 200

static void put_text(struct ol_model *model, FILE *out, const char *raw, bool tail)
{
    struct obstack *pool = &model->pool;
    const char *text = ol_plain_cut(pool, ol_plain_text(pool, raw), CELL_COLUMNS, tail, "...");
    ol_outlet_put(out, OL_OUTLET_markdown, text);
}

/* In <code> nothing is a mention or an issue's number. */
static void put_code(struct ol_model *model, FILE *out, const char *raw, bool tail)
{
    fputs("<code>", out);
    put_text(model, out, raw, tail);
    fputs("</code>", out);
}

static void put_row(struct ol_model *model, FILE *out, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    fprintf(out, "| %s%s | ", ol_severity_names[violation->severity],
            !model->baseline   ? ""
            : violation->known ? ", known"
                               : ", **new**");
    put_code(model, out, violation->rule, false);
    fputs(" | ", out);
    put_code(model, out, ol_phrase_call(pool, violation), false);
    fputs(" | ", out);
    put_code(model, out, ol_phrase_place(model, violation), true);
    fputs(" in ", out);
    put_code(model, out, ol_phrase_function(pool, violation), false);
    fprintf(out, " | %s | %s | %s | ", ol_number_count(pool, violation->count),
            ol_number_duration(pool, violation->total_ns),
            ol_number_duration(pool, violation->max_ns));
    put_text(model, out, violation->hint ? violation->hint : "", false);
    fprintf(out, " | <code>%s</code> |\n", violation->id);
}

static void put_head(struct ol_model *model, FILE *out)
{
    struct obstack *pool = &model->pool;
    const struct ol_totals *totals = &model->totals;
    const char *unjudged = ol_phrase_unjudged(model);
    fprintf(out, "### offloop: %s on %s\n\n",
            totals->sites == 1 ? "1 violation"
            : totals->sites    ? ol_pool_format(pool, "%zu violations", totals->sites)
            : unjudged         ? "nothing judged"
                               : "no violations",
            ol_phrase_loops(model));
    if (unjudged)
        fprintf(out, "**%c%s, so nothing was judged.**\n\n", toupper(unjudged[0]), unjudged + 1);
    if (totals->sites)
        fprintf(out, "%zu of severity error, %zu warning, %zu note; %s hit%s, %s lost.\n\n",
                totals->sites_by_severity[OL_SEVERITY_error],
                totals->sites_by_severity[OL_SEVERITY_warning],
                totals->sites_by_severity[OL_SEVERITY_note], ol_number_count(pool, totals->hits),
                totals->hits == 1 ? "" : "s", ol_number_duration(pool, totals->time_ns));
    if (model->baseline)
        fprintf(out, "Against the baseline: %s.\n\n", ol_baseline_words(pool, model->baseline));
    if (totals->dropped)
        fprintf(out, "**Incomplete: %s entries found no room in the record.**\n\n",
                ol_number_count(pool, totals->dropped));
}

static void put_rest(const struct ol_model *model, FILE *out)
{
    size_t shown = model->violation_count < ROWS_MAX ? model->violation_count : ROWS_MAX;
    size_t rest = model->totals.sites > shown ? model->totals.sites - shown : 0;
    if (rest)
        fprintf(out, "\n%zu more violation%s not shown here.\n", rest, rest == 1 ? " is" : "s are");
}

static void write(struct ol_model *model, FILE *out)
{
    put_head(model, out);
    if (model->violation_count)
        fputs("| severity | rule | call | where | hits | lost | max | instead | id |\n"
              "|---|---|---|---|--:|--:|--:|---|---|\n",
              out);
    for (size_t i = 0; i < model->violation_count && i < ROWS_MAX; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        put_row(model, out, &model->violations[i]);
        obstack_free(&model->pool, mark);
    }
    put_rest(model, out);
}

const struct ol_format ol_format_markdown = {
    .name = "markdown",
    .suffix = ".md",
    .text = "a summary for job summaries and comments",
    .write = write,
};
