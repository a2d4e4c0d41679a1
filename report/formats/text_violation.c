/* SPDX-License-Identifier: MIT */
/* One site of the text report. */
#include <string.h>

#include "../number.h"
#include "../owner.h"
#include "../phrase.h"
#include "../place.h"
#include "../plain.h"
#include "../source.h"
#include "text.h"

#define BAR 16

static enum ol_style style_of(enum ol_severity severity)
{
    return severity == OL_SEVERITY_error     ? OL_STYLE_ERROR
           : severity == OL_SEVERITY_warning ? OL_STYLE_WARNING
                                             : OL_STYLE_NOTE;
}

static void put_call(struct ol_page *page, const struct ol_violation *violation)
{
    const char *ellipsis = ol_page_mark(page, "…", "...");
    ol_page_put(page, style_of(violation->severity), "%s", ol_severity_names[violation->severity]);
    ol_page_put(page, OL_STYLE_BOLD, "%*s%s",
                (int)(9 - strlen(ol_severity_names[violation->severity])), "", violation->rule);
    if (!violation->argument) {
        ol_page_put(page, OL_STYLE_PLAIN, "  %s()", violation->api);
        return;
    }
    size_t most = page->width > 48 ? page->width - 24 : 24;
    const char *argument = ol_plain_text(page->pool, violation->argument);
    bool path = strchr(argument, '/') != NULL; /* the end of a path tells more than its beginning */
    argument = ol_plain_cut(page->pool, argument, most, path, ellipsis);
    const char *quote = ol_phrase_quote(violation);
    ol_page_put(page, OL_STYLE_PLAIN, "  %s(%s%s%s)", violation->api, quote, argument, quote);
}

static void put_bar(struct ol_page *page, uint64_t ns, uint64_t worst_ns)
{
    size_t length = (size_t)((double)ns / (double)worst_ns * BAR + 0.5);
    const char *full = ol_page_mark(page, "█", "#"), *rest = ol_page_mark(page, "░", ".");
    for (size_t i = 0; i < BAR && page->width >= 60; i++)
        ol_page_put(page, i < length ? OL_STYLE_WARNING : OL_STYLE_DIM, "%s",
                    i < length || (!i && ns) ? full : rest);
    if (page->width >= 60)
        ol_page_put(page, OL_STYLE_PLAIN, "  ");
}

static void put_effect(struct ol_page *page, const struct ol_violation *violation)
{
    bool none = violation->blocked && violation->blocked == violation->count;
    enum ol_style style = none                        ? OL_STYLE_GOOD
                          : ol_phrase_hurt(violation) ? OL_STYLE_ERROR
                                                      : OL_STYLE_DIM;
    ol_page_put(page, style, " %s", ol_phrase_effect(page->pool, violation));
}

static void put_time(struct ol_page *page, const struct ol_violation *violation, uint64_t worst_ns)
{
    struct obstack *pool = page->pool;
    uint64_t count = violation->count ? violation->count : 1;
    put_bar(page, violation->total_ns, worst_ns);
    ol_page_put(page, OL_STYLE_BOLD, "%s lost", ol_number_duration(pool, violation->total_ns));
    ol_page_put(page, OL_STYLE_PLAIN, " in %s hit%s", ol_number_count(pool, violation->count),
                violation->count == 1 ? "" : "s");
    if (count > 1) {
        ol_page_put(page, OL_STYLE_PLAIN, ", mean %s",
                    ol_number_duration(pool, violation->total_ns / count));
        ol_page_put(page, OL_STYLE_PLAIN, ", max %s", ol_number_duration(pool, violation->max_ns));
    }
    ol_page_put(page, OL_STYLE_PLAIN, ":");
    put_effect(page, violation);
    if (violation->phase != OL_PHASE_running)
        ol_page_put(page, OL_STYLE_DIM, " (during %s)", ol_phase_names[violation->phase]);
    if (!violation->on_loop)
        ol_page_put(page, OL_STYLE_PLAIN, " (thread %d, off the loop)", violation->tid);
    if (violation->worker)
        ol_page_put(page, OL_STYLE_DIM, " (on a worker's loop)");
}

static void put_culprit(struct ol_page *page, struct ol_model *model,
                        const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    if (!culprit) {
        ol_page_put(page, OL_STYLE_DIM, "no frame of the user's code on the stack");
        return;
    }
    ol_page_put(page, OL_STYLE_PLACE, "%s", ol_place_near(page->pool, violation->run, culprit));
    if (culprit->function)
        ol_page_put(page, OL_STYLE_PLAIN, " in %s", culprit->function);
    ol_page_put(page, OL_STYLE_PLAIN, " [%s]", violation->owner);
    const char *line = ol_source_line(model, violation->run, culprit);
    if (!line)
        return;
    ol_page_line(page, 8);
    line = ol_plain_text(page->pool, line);
    ol_page_put(
        page, OL_STYLE_PLAIN, "%s",
        ol_plain_cut(page->pool, line, page->width - 8, false, ol_page_mark(page, "…", "...")));
}

static void put_label(struct ol_page *page, const char *label)
{
    ol_page_line(page, 4);
    page->indent = 10;
    ol_page_put(page, OL_STYLE_DIM, "%-6s", label);
}

void ol_text_put_violation(struct ol_page *page, struct ol_model *model,
                           const struct ol_violation *violation, uint64_t worst_ns)
{
    ol_page_line(page, 0);
    page->indent = 4;
    put_call(page, violation);
    ol_page_line(page, 4);
    put_time(page, violation, worst_ns);
    ol_page_line(page, 4);
    put_culprit(page, model, violation);
    ol_text_put_stack(page, violation);
    if (violation->hint) {
        put_label(page, "fix");
        ol_page_words(page, OL_STYLE_PLAIN, violation->hint);
    }
    if (violation->allowed_by) {
        put_label(page, "allow");
        ol_page_words(page, OL_STYLE_PLAIN,
                      ol_pool_format(page->pool, "took too long to be suppressed by: %s",
                                     ol_plain_text(page->pool, violation->allowed_by)));
    }
    put_label(page, "id");
    ol_page_put(page, OL_STYLE_DIM, "%s", violation->id);
    if (model->baseline)
        ol_page_put(page, violation->known ? OL_STYLE_DIM : OL_STYLE_ERROR,
                    violation->known ? "  known by the baseline" : "  new");
    ol_page_put(page, OL_STYLE_DIM, "  offloop explain %s", violation->rule);
    ol_page_line(page, 0);
}
