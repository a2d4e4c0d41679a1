/* SPDX-License-Identifier: MIT */
/* The verdict. */
#include "verdict.h"

#include <errno.h>
#include <string.h>

#include "command.h"
#include "exit.h"
#include "fingerprint.h"
#include "judged.h"
#include "phrase.h"
#include "say.h"
#include "words.h"

#define NAMED_MAX 20 /* violations, and lines that are gone */

error_t ol_verdict_parse(struct ol_verdict_terms *terms, int key, const char *value,
                         struct argp_state *state)
{
    switch (key - OL_VERDICT_KEY) {
    case 0:
        terms->least = ol_command_severity(state, "fail-on", value);
        return 0;
    case 1:
        terms->path = value;
        return 0;
    case 2:
        terms->update = true;
        return 0;
    case 3:
        terms->update = terms->grow = true;
        return 0;
    case 4:
        terms->allow_no_loop = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void ol_verdict_begin(struct ol_verdict_terms *terms, struct obstack *pool)
{
    terms->timed = terms->least >= 0;
    if (terms->least < 0)
        terms->least = terms->path ? OL_SEVERITY_note : OL_SEVERITY_COUNT;
    if (terms->update && !terms->path)
        ol_say_exit(OL_EXIT_USAGE, "--baseline-%s: of which file? --baseline FILE names it",
                    terms->grow ? "grow" : "update");
    if (terms->update)
        ol_words_check_file("baseline", terms->path);
    if (!terms->path || ol_baseline_read(&terms->baseline, pool, terms->path))
        return;
    if (errno == EINVAL)
        ol_say_exit(OL_EXIT_USAGE,
                    "--baseline: %s is not a baseline: no line begins with an id of %d hex digits",
                    terms->path, OL_FINGERPRINT_DIGITS);
    if (errno != ENOENT)
        ol_say_exit(OL_EXIT_USAGE, "--baseline: %s: %s", terms->path, strerror(errno));
    if (!terms->grow)
        ol_say_exit(OL_EXIT_USAGE,
                    "--baseline: %s is not there; make it with: offloop baseline RECORD -o %s",
                    terms->path, terms->path);
    ol_baseline_begin(&terms->baseline, pool, terms->path);
}

void ol_verdict_apply(struct ol_verdict_terms *terms, struct ol_model *model)
{
    if (!terms->path)
        return;
    ol_baseline_apply(&terms->baseline, model);
    model->load_passes = !terms->timed;
}

static bool fails(const struct ol_verdict_terms *terms, const struct ol_violation *violation)
{
    return (int)violation->severity >= terms->least && !violation->known && !violation->worker &&
           (terms->timed || !ol_baseline_is_by_load(violation));
}

struct named {
    const struct ol_violation *violation;
    bool fails;
};

/* What fails first, then the worst, in an order that no measurement changes. */
static int by_weight(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->fails != y->fails)
        return y->fails - x->fails;
    int order = (int)y->violation->severity - (int)x->violation->severity;
    return order ? order : strcmp(x->violation->id, y->violation->id);
}

static void name(struct ol_model *model, const struct named *named, bool compared)
{
    const struct ol_violation *violation = named->violation;
    struct obstack *pool = &model->pool;
    const char *news = !compared ? "" : named->fails ? "new: " : "new by load: ";
    ol_say_line("%s%s: %s: %s in %s, %s [offloop %s] id %s", news,
                ol_phrase_place(model, violation), ol_severity_names[violation->severity],
                ol_phrase_call(pool, violation), ol_phrase_function(pool, violation),
                ol_phrase_cost(pool, violation), violation->rule, violation->id);
}

/* Those that fail, and against a baseline all that are new. */
static size_t find_named(const struct ol_verdict_terms *terms, struct ol_model *model,
                         struct named *found)
{
    size_t all = model->violation_count + model->hidden, count = 0;
    for (size_t i = 0; i < all; i++) {
        const struct ol_violation *violation = &model->violations[i];
        bool failing = fails(terms, violation);
        if (failing || (terms->path && !violation->known && !violation->worker))
            found[count++] = (struct named){violation, failing};
    }
    qsort(found, count, sizeof *found, by_weight);
    return count;
}

/* Returns how many fail. */
static size_t name_all(const struct ol_verdict_terms *terms, struct ol_model *model)
{
    size_t all = model->violation_count + model->hidden, failing = 0;
    struct named *found = ol_pool_array(&model->pool, all + 1, sizeof *found);
    size_t count = find_named(terms, model, found);
    for (size_t i = 0; i < count; i++)
        failing += found[i].fails;
    for (size_t i = 0; i < count && i < NAMED_MAX; i++)
        name(model, &found[i], terms->path != NULL);
    if (count > NAMED_MAX)
        ol_say_line("and %zu more", count - NAMED_MAX);
    return failing;
}

static void tell_gone(const struct ol_baseline *baseline, bool removed)
{
    size_t told = 0;
    if (!baseline->gone)
        return;
    ol_say_line("%zu violation%s of %s %s gone: %s %s%zu line%s", baseline->gone,
                baseline->gone == 1 ? "" : "s", baseline->path, baseline->gone == 1 ? "is" : "are",
                removed ? "removed" : "remove", baseline->gone == 1 ? "this " : "these ",
                baseline->gone, baseline->gone == 1 ? "" : "s");
    for (size_t i = 0; i < baseline->count && told < NAMED_MAX; i++)
        if (baseline->lines[i].gone) {
            ol_say_line("  %zu: %s", baseline->lines[i].number, baseline->lines[i].text);
            told++;
        }
    if (baseline->gone > told)
        ol_say_line("  and %zu more", baseline->gone - told);
}

/* False: the file can't be written, which was said. */
static bool update(const struct ol_verdict_terms *terms, struct ol_model *model)
{
    const char *why_not = terms->baseline.doubt;
    if (why_not && terms->baseline.gone)
        ol_say_line("%s keeps its lines: %s", terms->path, why_not);
    else
        tell_gone(&terms->baseline, terms->update);
    bool shrink = terms->update && !why_not && terms->baseline.gone;
    if (!shrink && !terms->grow)
        return true;
    if (!ol_baseline_write(&terms->baseline, model, shrink, terms->grow))
        return false;
    if (terms->grow && terms->baseline.added)
        ol_say_line("the new ones were added to %s", terms->path);
    return true;
}

static const char *option_of(const struct ol_verdict_terms *terms, struct obstack *pool)
{
    return terms->path ? "--baseline"
                       : ol_pool_format(pool, "--fail-on %s", ol_severity_names[terms->least]);
}

static struct ol_verdict failed(const struct ol_verdict_terms *terms, struct obstack *pool,
                                size_t failing)
{
    const char *worse = terms->least + 1 < OL_SEVERITY_COUNT ? " or worse" : "";
    const char *where = terms->path ? ol_pool_format(pool, ", not in %s", terms->path) : "";
    const char *reason = ol_pool_format(pool, "%zu violation%s of severity %s%s%s", failing,
                                        failing == 1 ? "" : "s", ol_severity_names[terms->least],
                                        worse, where);
    return (struct ol_verdict){terms->code, reason, option_of(terms, pool)};
}

/* --loop is no help for loops that are known or forbidden, or for programs that nobody watched. */
static const char *blind_text(const struct ol_model *model, enum ol_judged judged)
{
    if (judged == OL_JUDGED_part)
        return "not all was judged: %s";
    if (ol_model_loops(model) || model->unwatched)
        return "nothing was judged: %s (--allow-no-loop accepts it)";
    return model->forbids_loops
               ? "nothing was judged: %s, and no-loop lines of a rules file keep threads from being "
                 "one (--allow-no-loop accepts it)"
               : "nothing was judged: %s (--loop says where one is, --allow-no-loop accepts it)";
}

/* A verdict that let pass what nobody looked at would be worse than none. */
static struct ol_verdict judge_silence(const struct ol_verdict_terms *terms, struct ol_model *model)
{
    struct obstack *pool = &model->pool;
    const char *why;
    enum ol_judged judged = ol_judged_of(pool, model, &why);
    if (judged == OL_JUDGED_all || (judged == OL_JUDGED_nothing && terms->allow_no_loop))
        return (struct ol_verdict){OL_EXIT_OK, NULL, NULL};
    return (struct ol_verdict){OL_EXIT_BLIND, ol_pool_format(pool, blind_text(model, judged), why),
                               option_of(terms, pool)};
}

struct ol_verdict ol_verdict_judge(const struct ol_verdict_terms *terms, struct ol_model *model,
                                   bool ended_well)
{
    size_t failing = name_all(terms, model);
    if (terms->path && ended_well && !update(terms, model))
        return (struct ol_verdict){OL_EXIT_OWN, NULL, NULL};
    if (failing && !terms->grow)
        return failed(terms, &model->pool, failing);
    if (terms->least == OL_SEVERITY_COUNT)
        return (struct ol_verdict){OL_EXIT_OK, NULL, NULL};
    return judge_silence(terms, model);
}

void ol_verdict_say(const struct ol_verdict *verdict, int code, const char *whose)
{
    if (!verdict->reason)
        return;
    if (!whose)
        ol_say_line("%s: exit code %d, by %s", verdict->reason, verdict->code, verdict->option);
    else
        ol_say_line("%s, by %s; exit code %d %s", verdict->reason, verdict->option, code, whose);
}
