/* SPDX-License-Identifier: MIT */
/* Sentences about violations. */
#include "phrase.h"

#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "path.h"
#include "place.h"
#include "plain.h"

#define ARGUMENT_COLUMNS 120

const char *ol_phrase_quote(const struct ol_violation *violation)
{
    return ol_tables_is_in_words(violation->family, violation->kind, violation->argument) ? ""
                                                                                          : "\"";
}

const char *ol_phrase_call(struct obstack *pool, const struct ol_violation *violation)
{
    const char *api = ol_plain_text(pool, violation->api);
    if (!violation->argument)
        return ol_pool_format(pool, "%s()", api);
    const char *argument = ol_plain_text(pool, violation->argument);
    bool path = strchr(argument, '/') != NULL; /* the end of a path tells more than its beginning */
    const char *quote = ol_phrase_quote(violation);
    return ol_pool_format(pool, "%s(%s%s%s)", api, quote,
                          ol_plain_cut(pool, argument, ARGUMENT_COLUMNS, path, "..."), quote);
}

const char *ol_phrase_cost(struct obstack *pool, const struct ol_violation *violation)
{
    const char *effect = !violation->blocked                      ? ""
                         : violation->blocked == violation->count ? ", blocked"
                                                                  : ", some of them blocked";
    return ol_pool_format(pool, "%s hit%s, %s lost, max %s%s",
                          ol_number_count(pool, violation->count), violation->count == 1 ? "" : "s",
                          ol_number_duration(pool, violation->total_ns),
                          ol_number_duration(pool, violation->max_ns), effect);
}

static bool is_of(const struct ol_violation *violation, enum ol_kind kind)
{
    return strcmp(violation->kind, ol_kind_names[kind]) == 0;
}

/* Such a call is wrong however long it takes. */
static const char *wrong_thread(const struct ol_violation *violation)
{
    if (is_of(violation, OL_KIND_loop_only))
        return "not on the thread of its loop";
    if (is_of(violation, OL_KIND_off_loop_only))
        return "on the thread of the loop";
    return is_of(violation, OL_KIND_misuse) ? "misuse of the loop" : NULL;
}

bool ol_phrase_hurt(const struct ol_violation *violation)
{
    return wrong_thread(violation) || violation->did_block;
}

const char *ol_phrase_effect(struct obstack *pool, const struct ol_violation *violation)
{
    const char *wrong = wrong_thread(violation);
    const char *effect = wrong ? wrong : violation->did_block ? "did block" : "may block";
    if (!violation->blocked)
        return effect;
    if (violation->blocked == violation->count)
        return "blocked: the call did not happen";
    return ol_pool_format(pool, "%s (%s of them did not happen)", effect,
                          ol_number_count(pool, violation->blocked));
}

const char *ol_phrase_loops(struct ol_model *model)
{
    size_t threads = ol_model_loops(model);
    uint64_t loops = ol_model_loops_run(model);
    const char *words = ol_pool_format(&model->pool, "%zu loop thread%s", threads,
                                       threads == 1 ? "" : "s");
    return loops > threads ? ol_pool_format(&model->pool, "%s (%s loops)", words,
                                            ol_number_count(&model->pool, loops))
                           : words;
}

const char *ol_phrase_unjudged(const struct ol_model *model)
{
    return !ol_model_loops(model)    ? "no loop thread was found"
           : !ol_model_judged(model) ? "loops waited, but no turn of theirs was seen"
                                     : NULL;
}

static const char *place_of(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame)
{
    struct obstack *pool = &model->pool;
    const char *file = ol_place_file(model, run, frame);
    if (!file)
        return frame->module ? ol_plain_text(pool, ol_path_base(frame->module)) : "?";
    file = ol_plain_text(pool, file);
    return frame->line ? ol_pool_format(pool, "%s:%u", file, frame->line) : file;
}

const char *ol_phrase_place(struct ol_model *model, const struct ol_violation *violation)
{
    return violation->culprit ? place_of(model, violation->run, violation->culprit) : "?";
}

const char *ol_phrase_function(struct obstack *pool, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    return culprit && culprit->function ? ol_plain_text(pool, culprit->function) : "?";
}

const char *ol_phrase_frame(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame)
{
    struct obstack *pool = &model->pool;
    const char *place = place_of(model, run, frame);
    if (frame->function)
        return ol_pool_format(pool, "%s at %s", ol_plain_text(pool, frame->function), place);
    return frame->kind == OL_FRAME_native
               ? ol_pool_format(pool, "%s+0x%llx", place, (unsigned long long)frame->offset)
               : place;
}

const char *ol_phrase_wrong(const char *rule, const char *kind)
{
    static const char *const wrongs[OL_KIND_COUNT] = {
        [OL_KIND_blocking] = "blocks the loop: nothing else of it runs meanwhile",
        [OL_KIND_loop_only] = "must run on the thread of its loop",
        [OL_KIND_off_loop_only] = "must not be called from the loop's thread",
        [OL_KIND_stall] = "holds the loop for too long",
        [OL_KIND_misuse] = "uses the loop in a way that it can't do",
    };
    int id = ol_tables_rule(rule);
    if (id >= 0)
        return ol_rules[id].what;
    for (int i = 0; i < OL_KIND_COUNT; i++)
        if (strcmp(kind, ol_kind_names[i]) == 0)
            return wrongs[i];
    return wrongs[OL_KIND_blocking];
}

static bool is_family(const char *name)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        if (strcmp(name, ol_families[i].name) == 0)
            return true;
    return false;
}

const char *ol_phrase_help(struct obstack *pool, const char *family, const char *rule)
{
    const char *base = getenv("OFFLOOP_DOCS_URL");
    const char *slash = base && *base && base[strlen(base) - 1] != '/' ? "/" : "";
    base = base ? base : "";
    if (!is_family(family))
        return ol_pool_format(pool, "%s%sdocs/rules", base, slash);
    char *page = ol_pool_string(pool, family);
    for (char *dash = page; (dash = strchr(dash, '-'));)
        *dash = '_';
    bool section = ol_tables_rule(rule) >= 0;
    return ol_pool_format(pool, "%s%sdocs/rules/%s.md%s%s", base, slash, page, section ? "#" : "",
                          section ? rule : "");
}
