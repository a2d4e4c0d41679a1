/* SPDX-License-Identifier: MIT */
/* The rules of a SARIF report, and the runs that it is made of. */
#include <stdlib.h>
#include <string.h>

#include "../number.h"
#include "../outlet.h"
#include "../phrase.h"
#include "../plain.h"
#include "sarif.h"

const char *ol_sarif_level(enum ol_severity severity)
{
    return ol_severity_names[severity]; /* the words are the same */
}

static const char *family_text(const char *family)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        if (strcmp(family, ol_families[i].name) == 0)
            return ol_families[i].text;
    return "rules of a rules file";
}

static bool has_docs(void)
{
    const char *docs = getenv("OFFLOOP_DOCS_URL");
    return docs && *docs;
}

/* A link where there is an address; as text it is always there. */
static const char *markdown_of(struct obstack *pool, const char *wrong, const char *hint,
                               const char *page)
{
    const char *link = has_docs() ? ol_pool_format(pool, "<%s>", page)
                                  : ol_pool_format(pool, "`%s`", page);
    return ol_pool_format(pool, "**What is wrong:** %s.\n\n**Instead:** %s.\n\n**More:** %s",
                          ol_outlet_text(pool, OL_OUTLET_markdown, wrong),
                          ol_outlet_text(pool, OL_OUTLET_markdown, hint), link);
}

static void put_help(struct ol_model *model, struct ol_stream *stream,
                     const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    const char *wrong = ol_phrase_wrong(violation->rule, violation->kind);
    const char *hint = violation->hint ? ol_plain_text(pool, violation->hint)
                                       : "move the call off the loop";
    const char *page = ol_plain_text(pool,
                                     ol_phrase_help(pool, violation->family, violation->rule));
    ol_stream_open(stream, "help", '{');
    ol_stream_text(
        stream, "text",
        ol_pool_format(pool, "What is wrong: %s. Instead: %s. More: %s", wrong, hint, page));
    ol_stream_text(stream, "markdown", markdown_of(pool, wrong, hint, page));
    ol_stream_close(stream, '}');
    if (has_docs()) /* a helpUri has to be absolute */
        ol_stream_text(stream, "helpUri", page);
}

static void put_level(struct ol_stream *stream, const struct ol_violation *violation)
{
    int id = ol_tables_rule(violation->rule);
    ol_stream_open(stream, "defaultConfiguration", '{');
    ol_stream_text(stream, "level",
                   ol_sarif_level(id >= 0 ? ol_rules[id].severity : violation->severity));
    ol_stream_close(stream, '}');
}

static void put_tags(struct ol_stream *stream, const char *family, const char *kind)
{
    ol_stream_open(stream, "properties", '{');
    ol_stream_open(stream, "tags", '[');
    ol_stream_text(stream, NULL, "event-loop");
    ol_stream_text(stream, NULL, family);
    ol_stream_text(stream, NULL, kind);
    ol_stream_close(stream, ']');
    ol_stream_close(stream, '}');
}

static void put_rule(struct ol_model *model, struct ol_stream *stream, const char *name,
                     const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    const char *wrong = ol_phrase_wrong(violation->rule, violation->kind);
    const char *family = ol_plain_text(pool, violation->family);
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "id", name);
    ol_sarif_put_message(stream, "shortDescription", wrong);
    ol_sarif_put_message(
        stream, "fullDescription",
        ol_pool_format(pool, "%s (family %s: %s)", wrong, family, family_text(violation->family)));
    put_help(model, stream, violation);
    put_level(stream, violation);
    put_tags(stream, family, violation->kind);
    ol_stream_close(stream, '}');
}

void ol_sarif_put_rules(struct ol_model *model, struct ol_stream *stream, struct ol_intern *rules)
{
    ol_stream_open(stream, "rules", '[');
    for (size_t i = 0; i < model->violation_count; i++) {
        const struct ol_violation *violation = &model->violations[i];
        const char *name = ol_plain_text(&model->pool, violation->rule);
        bool added;
        ol_intern_add(rules, name, strlen(name), &added);
        if (added)
            put_rule(model, stream, name, violation);
    }
    ol_stream_close(stream, ']');
}

static void put_notification(struct ol_stream *stream, const char *level, const char *plain)
{
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "level", level);
    ol_sarif_put_message(stream, "message", plain);
    ol_stream_close(stream, '}');
}

static void put_notifications(struct ol_model *model, struct ol_stream *stream,
                              const struct ol_run *run)
{
    struct obstack *pool = &model->pool;
    ol_stream_open(stream, "toolExecutionNotifications", '[');
    if (run->damage)
        put_notification(
            stream, "warning",
            ol_pool_format(pool, "the record is damaged: %s", ol_plain_text(pool, run->damage)));
    if (run->hits_lost)
        put_notification(stream, "warning",
                         ol_pool_format(pool, "%s hits found no room in the record",
                                        ol_number_count(pool, run->hits_lost)));
    for (size_t i = 0; i < run->blind_spot_count; i++) {
        const struct ol_blind_spot *spot = &run->blind_spots[i];
        put_notification(stream, "note",
                         ol_pool_format(pool, "not watched: %s: %s",
                                        ol_plain_text(pool, spot->what ? spot->what : "?"),
                                        ol_plain_text(pool, spot->why ? spot->why : "?")));
    }
    ol_stream_close(stream, ']');
}

static void put_artifact(struct ol_model *model, struct ol_stream *stream, const char *name,
                         const char *path)
{
    if (!path || *path != '/')
        return;
    ol_stream_open(stream, name, '{');
    ol_stream_text(stream, "uri", ol_sarif_uri(&model->pool, path, false));
    ol_stream_close(stream, '}');
}

static void put_invocation(struct ol_model *model, struct ol_stream *stream,
                           const struct ol_run *run)
{
    struct obstack *pool = &model->pool;
    const char *started = ol_number_stamp(pool, run->started_ns);
    ol_stream_open(stream, NULL, '{');
    ol_stream_bool(stream, "executionSuccessful", true);
    if (run->argv)
        ol_stream_text(stream, "commandLine", ol_plain_text(pool, run->argv));
    put_artifact(model, stream, "executableLocation", run->exe);
    put_artifact(model, stream, "workingDirectory", run->cwd);
    if (run->pid > 0)
        ol_stream_number(stream, "processId", run->pid);
    if (started)
        ol_stream_text(stream, "startTimeUtc", started);
    put_notifications(model, stream, run);
    ol_stream_close(stream, '}');
}

void ol_sarif_put_invocations(struct ol_model *model, struct ol_stream *stream, FILE *out)
{
    ol_stream_line(stream);
    ol_stream_open(stream, "invocations", '[');
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        put_invocation(model, stream, run);
        ol_stream_flush(stream, out);
    }
    ol_stream_close(stream, ']');
}
