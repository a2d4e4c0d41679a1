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

static json_t *help_of(struct ol_model *model, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    const char *wrong = ol_phrase_wrong(violation->rule, violation->kind);
    const char *hint = violation->hint ? ol_plain_text(pool, violation->hint)
                                       : "move the call off the loop";
    const char *page = ol_plain_text(pool,
                                     ol_phrase_help(pool, violation->family, violation->rule));
    const char *text = ol_pool_format(pool, "What is wrong: %s. Instead: %s. More: %s", wrong, hint,
                                      page);
    return json_pack("{s:s, s:s}", "text", text, "markdown", markdown_of(pool, wrong, hint, page));
}

static json_t *rule_of(struct ol_model *model, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    int id = ol_rule_find(violation->rule);
    const char *wrong = ol_phrase_wrong(violation->rule, violation->kind);
    json_t *rule = json_object();
    json_object_set_new(rule, "id", json_string(ol_plain_text(pool, violation->rule)));
    json_object_set_new(rule, "shortDescription", ol_sarif_message(wrong));
    json_object_set_new(rule, "fullDescription",
                        ol_sarif_message(ol_pool_format(pool, "%s (family %s: %s)", wrong,
                                                        ol_plain_text(pool, violation->family),
                                                        family_text(violation->family))));
    json_object_set_new(rule, "help", help_of(model, violation));
    if (has_docs()) /* a helpUri has to be absolute */
        json_object_set_new(rule, "helpUri",
                            json_string(ol_plain_text(
                                pool, ol_phrase_help(pool, violation->family, violation->rule))));
    json_object_set_new(
        rule, "defaultConfiguration",
        json_pack("{s:s}", "level",
                  ol_sarif_level(id >= 0 ? ol_rules[id].severity : violation->severity)));
    json_object_set_new(rule, "properties",
                        json_pack("{s:[s, s, s]}", "tags", "event-loop",
                                  ol_plain_text(pool, violation->family), violation->kind));
    return rule;
}

json_t *ol_sarif_rules(struct ol_model *model, json_t *indexes)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < model->violation_count; i++) {
        const char *name = ol_plain_text(&model->pool, model->violations[i].rule);
        if (json_object_get(indexes, name))
            continue;
        json_object_set_new(indexes, name, json_integer((json_int_t)json_array_size(rules)));
        json_array_append_new(rules, rule_of(model, &model->violations[i]));
    }
    return rules;
}

static void add_notification(json_t *notifications, const char *level, const char *plain)
{
    json_array_append_new(
        notifications, json_pack("{s:s, s:o}", "level", level, "message", ol_sarif_message(plain)));
}

static json_t *notifications_of(struct ol_model *model, const struct ol_run *run)
{
    struct obstack *pool = &model->pool;
    json_t *notifications = json_array();
    if (run->damage)
        add_notification(
            notifications, "warning",
            ol_pool_format(pool, "the record is damaged: %s", ol_plain_text(pool, run->damage)));
    if (run->hits_lost)
        add_notification(notifications, "warning",
                         ol_pool_format(pool, "%s hits found no room in the record",
                                        ol_number_count(pool, run->hits_lost)));
    for (size_t i = 0; i < run->blind_spot_count; i++) {
        const struct ol_blind_spot *spot = &run->blind_spots[i];
        add_notification(notifications, "note",
                         ol_pool_format(pool, "not watched: %s: %s",
                                        ol_plain_text(pool, spot->what ? spot->what : "?"),
                                        ol_plain_text(pool, spot->why ? spot->why : "?")));
    }
    return notifications;
}

static json_t *artifact_of(struct obstack *pool, const char *path)
{
    return json_pack("{s:s}", "uri", ol_sarif_uri(pool, path, false));
}

static json_t *invocation_of(struct ol_model *model, const struct ol_run *run)
{
    struct obstack *pool = &model->pool;
    const char *started = ol_number_stamp(pool, run->started_ns);
    json_t *invocation = json_pack("{s:b}", "executionSuccessful", 1);
    if (run->argv)
        json_object_set_new(invocation, "commandLine", json_string(ol_plain_text(pool, run->argv)));
    if (run->exe && *run->exe == '/')
        json_object_set_new(invocation, "executableLocation", artifact_of(pool, run->exe));
    if (run->cwd && *run->cwd == '/')
        json_object_set_new(invocation, "workingDirectory", artifact_of(pool, run->cwd));
    if (run->pid > 0)
        json_object_set_new(invocation, "processId", json_integer(run->pid));
    if (started)
        json_object_set_new(invocation, "startTimeUtc", json_string(started));
    json_object_set_new(invocation, "toolExecutionNotifications", notifications_of(model, run));
    return invocation;
}

json_t *ol_sarif_invocations(struct ol_model *model)
{
    json_t *invocations = json_array();
    for (const struct ol_run *run = model->runs; run; run = run->next)
        json_array_append_new(invocations, invocation_of(model, run));
    return invocations;
}
