/* SPDX-License-Identifier: MIT */
/* JUnit XML, without libxml2, which would map 30 MB of ICU into every `offloop run`. The characters
 * that XML can't hold are escapes (outlet.h).
 *
 * Violations of severity error and warning are failures; notes and what a baseline knows are
 * skipped. One more case passes when loop threads were watched, and is skipped when there were
 * none, so that a clean report is not an empty one. Names don't change from run to run: GitLab and
 * Jenkins know a test by them. */
#include "format.h"

#include "../baseline.h"
#include "../number.h"
#include "../outlet.h"
#include "../phrase.h"

static void put(FILE *out, const char *text)
{
    ol_outlet_put(out, OL_OUTLET_xml, text);
}

static void put_attribute(FILE *out, const char *name, const char *plain)
{
    fprintf(out, " %s=\"", name);
    put(out, plain);
    fputc('"', out);
}

/* As the verdict is given: what is new by the machine's load alone is no failure there. */
static bool is_by_load(const struct ol_model *model, const struct ol_violation *violation)
{
    return model->load_passes && !violation->known && ol_baseline_is_by_load(violation);
}

static bool is_failure(const struct ol_model *model, const struct ol_violation *violation)
{
    return violation->severity > OL_SEVERITY_note && !violation->known && !violation->worker &&
           !is_by_load(model, violation);
}

static const char *why_skipped(const struct ol_model *model, const struct ol_violation *violation)
{
    if (violation->known)
        return "known by the baseline";
    if (violation->worker)
        return "on a worker's loop";
    return is_by_load(model, violation) ? "new by load" : "of severity note";
}

/* The schema takes three digits after the point. */
static void put_seconds(FILE *out, uint64_t ns)
{
    fprintf(out, " time=\"%llu.%03u\"", (unsigned long long)(ns / 1000000000),
            (unsigned)(ns / 1000000 % 1000));
}

static void put_line(FILE *out, const char *label, const char *plain)
{
    put(out, label);
    put(out, plain);
    fputc('\n', out);
}

static void put_failure(struct ol_model *model, FILE *out, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    fputs("      <failure", out);
    put_attribute(out, "type", ol_severity_names[violation->severity]);
    put_attribute(out, "message",
                  ol_pool_format(pool, "%s at %s in %s: %s", ol_phrase_call(pool, violation),
                                 ol_phrase_place(model, violation),
                                 ol_phrase_function(pool, violation),
                                 ol_phrase_cost(pool, violation)));
    fputc('>', out);
    put_line(out, "wrong:   ", ol_phrase_wrong(violation->rule, violation->kind));
    if (violation->hint)
        put_line(out, "instead: ", violation->hint);
    put_line(out, "help:    ", ol_phrase_help(pool, violation->family, violation->rule));
    put_line(out, "stack:", "");
    for (size_t i = 0; i < violation->frame_count; i++)
        put_line(out, violation->frames[i] == violation->culprit ? "> " : "  ",
                 ol_phrase_frame(model, violation->run, violation->frames[i]));
    fputs("</failure>\n", out);
}

static void put_site(struct ol_model *model, FILE *out, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    fputs("    <testcase", out);
    put_attribute(out, "classname", ol_pool_format(pool, "offloop.%s", violation->rule));
    put_attribute(out, "name",
                  ol_pool_format(pool, "%s in %s [%s]", violation->api,
                                 ol_phrase_function(pool, violation), violation->id));
    put_seconds(out, violation->total_ns);
    fputs(">\n", out);
    if (is_failure(model, violation))
        put_failure(model, out, violation);
    else
        fprintf(out, "      <skipped message=\"%s\"/>\n", why_skipped(model, violation));
    fputs("    </testcase>\n", out);
}

static void put_watched(struct ol_model *model, FILE *out)
{
    fputs("    <testcase classname=\"offloop\" name=\"loop threads were watched\"", out);
    const char *unjudged = ol_phrase_unjudged(model);
    if (!unjudged)
        fputs("/>\n", out);
    else
        fprintf(out, ">\n      <skipped message=\"%s\"/>\n    </testcase>\n", unjudged);
}

static void put_counts(const struct ol_model *model, FILE *out, bool skipped)
{
    size_t failures = 0;
    for (size_t i = 0; i < model->violation_count; i++)
        failures += is_failure(model, &model->violations[i]);
    fprintf(out, " name=\"offloop\" tests=\"%zu\" failures=\"%zu\" errors=\"0\"",
            model->violation_count + 1, failures);
    if (skipped)
        fprintf(out, " skipped=\"%zu\"",
                model->violation_count - failures + (ol_phrase_unjudged(model) ? 1 : 0));
    put_seconds(out, model->totals.time_ns);
}

static void write(struct ol_model *model, FILE *out)
{
    const char *started = model->runs ? ol_number_stamp(&model->pool, model->runs->started_ns)
                                      : NULL;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
    put_counts(model, out, false);
    fputs(">\n  <testsuite", out);
    put_counts(model, out, true);
    if (started)
        fprintf(out, " timestamp=\"%.19sZ\"", started);
    fputs(">\n", out);
    put_watched(model, out);
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        put_site(model, out, &model->violations[i]);
        obstack_free(&model->pool, mark);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
}

const struct ol_format ol_format_junit = {
    .name = "junit",
    .suffix = ".xml",
    .text = "JUnit XML for GitLab and Jenkins: a test case for each violation",
    .write = write,
};
