/* SPDX-License-Identifier: MIT */
/* Results of a SARIF report. */
#include <string.h>

#include "../memo.h"
#include "../number.h"
#include "../path.h"
#include "../phrase.h"
#include "../place.h"
#include "../plain.h"
#include "sarif.h"

struct writer {
    struct ol_model *model;
    struct ol_intern *rules; /* their indexes, by name */
    struct ol_stream *stream;
    struct ol_stream steps; /* the texts that `known` keeps */
    struct ol_memo known;   /* frames as steps of code flows */
};

/* Bytes of a path that a URI takes as they are; all others become %XX, invalid UTF-8 too. */
const char *ol_sarif_uri(struct obstack *pool, const char *path, bool inside)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~/";
    if (!inside)
        obstack_grow(pool, "file://", 7);
    for (; *path; path++)
        if (strchr(plain, *path)) {
            obstack_1grow(pool, *path);
        } else {
            char escape[4];
            obstack_grow(pool, escape,
                         (size_t)snprintf(escape, sizeof escape, "%%%02X", (unsigned char)*path));
        }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

static void put_artifact(struct writer *writer, struct ol_stream *stream, const char *path,
                         bool inside)
{
    ol_stream_open(stream, "artifactLocation", '{');
    ol_stream_text(stream, "uri", ol_sarif_uri(&writer->model->pool, path, inside));
    if (inside)
        ol_stream_text(stream, "uriBaseId", "SRCROOT");
    ol_stream_close(stream, '}');
}

/* False: the frame has no file. */
static bool put_physical(struct writer *writer, struct ol_stream *stream, const struct ol_run *run,
                         const struct ol_frame *frame)
{
    const char *file = ol_place_file(writer->model, run, frame);
    if (!file || *file == '<')
        return false;
    ol_stream_open(stream, "physicalLocation", '{');
    put_artifact(writer, stream, file, ol_place_is_inside(file));
    if (frame->line) {
        ol_stream_open(stream, "region", '{');
        ol_stream_number(stream, "startLine", frame->line);
        ol_stream_close(stream, '}');
    }
    ol_stream_close(stream, '}');
    return true;
}

/* Code scanning refuses a report in which one result has no file: the program stands in. */
static void put_program(struct writer *writer, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    const struct ol_run *run = violation->run;
    const char *module = culprit && culprit->kind == OL_FRAME_native ? culprit->module : NULL;
    module = module && *module == '/' ? module : run->exe;
    module = module && *module == '/' ? module : run->path;
    ol_stream_open(writer->stream, "physicalLocation", '{');
    put_artifact(writer, writer->stream, module, *module != '/');
    ol_stream_close(writer->stream, '}');
}

static void put_logical(struct writer *writer, const struct ol_frame *frame)
{
    struct ol_stream *stream = writer->stream;
    struct obstack *pool = &writer->model->pool;
    const char *function = ol_plain_text(pool, frame->function);
    const char *between = frame->kind == OL_FRAME_native ? "!" : ".";
    ol_stream_open(stream, "logicalLocations", '[');
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "name", function);
    ol_stream_text(stream, "kind", "function");
    if (frame->module)
        ol_stream_text(stream, "fullyQualifiedName",
                       ol_pool_format(pool, "%s%s%s",
                                      ol_plain_text(pool, ol_path_base(frame->module)), between,
                                      function));
    ol_stream_close(stream, '}');
    ol_stream_close(stream, ']');
}

static void put_locations(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    const struct ol_frame *culprit = violation->culprit;
    ol_stream_open(stream, "locations", '[');
    ol_stream_open(stream, NULL, '{');
    if (!culprit || !put_physical(writer, stream, violation->run, culprit))
        put_program(writer, violation);
    if (culprit && culprit->function)
        put_logical(writer, culprit);
    ol_stream_close(stream, '}');
    ol_stream_close(stream, ']');
}

static void put_counters(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    ol_stream_open(stream, "properties", '{');
    ol_stream_text(stream, "id", violation->id);
    ol_stream_count(stream, "count", violation->count);
    ol_stream_count(stream, "totalNs", violation->total_ns);
    ol_stream_count(stream, "maxNs", violation->max_ns);
    ol_stream_count(stream, "blocked", violation->blocked);
    ol_stream_text(stream, "phase", ol_phase_names[violation->phase]);
    if (violation->owner)
        ol_stream_text(stream, "owner", ol_plain_text(&writer->model->pool, violation->owner));
    ol_stream_close(stream, '}');
}

static const char *words_of(struct obstack *pool, const struct ol_violation *violation)
{
    return ol_pool_format(pool, "%s %s the loop in %s: %s.%s%s", ol_phrase_call(pool, violation),
                          violation->on_loop ? "on" : "off", ol_phrase_function(pool, violation),
                          ol_phrase_cost(pool, violation), violation->hint ? " Instead: " : "",
                          violation->hint ? ol_plain_text(pool, violation->hint) : "");
}

static void put_fingerprints(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    ol_stream_open(stream, "partialFingerprints", '{');
    ol_stream_text(stream, "offloopSite/v1", violation->id);
    /* what GitHub tells alerts apart by; else it takes the line */
    ol_stream_text(stream, "primaryLocationLineHash",
                   ol_pool_format(&writer->model->pool, "%s:1", violation->id));
    ol_stream_close(stream, '}');
}

/* The message names the function; a logical location too would make large reports half as large
 * again. */
static const char *make_step(struct writer *writer, const struct ol_run *run,
                             const struct ol_frame *frame)
{
    struct ol_stream *stream = &writer->steps;
    ol_stream_open(stream, NULL, '{');
    ol_stream_open(stream, "location", '{');
    put_physical(writer, stream, run, frame);
    ol_sarif_put_message(stream, "message", ol_phrase_frame(writer->model, run, frame));
    ol_stream_close(stream, '}');
    if (frame->owner_class == OL_CODE_user)
        ol_stream_text(stream, "importance", "essential");
    ol_stream_close(stream, '}');
    return ol_stream_fetch(stream);
}

static const char *step_of(struct writer *writer, const struct ol_run *run,
                           const struct ol_frame *frame)
{
    const char *known = ol_memo_find(&writer->known, frame);
    return known ? known : ol_memo_keep(&writer->known, frame, make_step(writer, run, frame));
}

/* In the order of execution: outermost first. */
static void put_flow(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    ol_stream_open(stream, "codeFlows", '[');
    ol_stream_open(stream, NULL, '{');
    ol_stream_open(stream, "threadFlows", '[');
    ol_stream_open(stream, NULL, '{');
    ol_stream_open(stream, "locations", '[');
    for (size_t i = violation->frame_count; i > 0; i--)
        ol_stream_value(stream, NULL, step_of(writer, violation->run, violation->frames[i - 1]));
    for (const char *brackets = "]}]}]"; *brackets; brackets++)
        ol_stream_close(stream, *brackets);
}

static void put_result(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    struct obstack *pool = &writer->model->pool;
    const char *rule = ol_plain_text(pool, violation->rule);
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "ruleId", rule);
    ol_stream_number(stream, "ruleIndex", ol_intern_add(writer->rules, rule, strlen(rule), NULL));
    ol_stream_text(stream, "level", ol_sarif_level(violation->severity));
    ol_sarif_put_message(stream, "message", words_of(pool, violation));
    put_locations(writer, violation);
    ol_stream_count(stream, "occurrenceCount", violation->count ? violation->count : 1);
    put_fingerprints(writer, violation);
    if (writer->model->baseline)
        ol_stream_text(stream, "baselineState", violation->known ? "unchanged" : "new");
    put_counters(writer, violation);
    if (violation->frame_count)
        put_flow(writer, violation);
    ol_stream_close(stream, '}');
}

void ol_sarif_put_results(struct ol_model *model, struct ol_stream *stream, FILE *out,
                          struct ol_intern *rules)
{
    struct writer writer = {.model = model, .rules = rules, .stream = stream};
    ol_stream_begin(&writer.steps);
    ol_stream_open(stream, "results", '[');
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        ol_stream_line(stream);
        put_result(&writer, &model->violations[i]);
        ol_stream_flush(stream, out);
        obstack_free(&model->pool, mark);
    }
    ol_stream_break(stream);
    ol_stream_close(stream, ']');
    ol_memo_end(&writer.known);
    ol_stream_end(&writer.steps);
}
