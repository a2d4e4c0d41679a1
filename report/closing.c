/* SPDX-License-Identifier: MIT */
/* The last line of a run. detector/summary.c says the same where the library was preloaded without
 * the command. */
#include "closing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "judged.h"
#include "number.h"
#include "phrase.h"
#include "say.h"

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *on_loops(struct obstack *pool, struct ol_model *model)
{
    return ol_model_loops(model) ? ol_pool_format(pool, " on %s", ol_phrase_loops(model)) : "";
}

static const char *found(struct obstack *pool, struct ol_model *model, const char *why)
{
    const struct ol_totals *totals = &model->totals;
    uint64_t calls = model->sums.suppressed_hits;
    const char *suppressed = calls ? ol_pool_format(pool, "%s suppressed",
                                                    ol_number_count(pool, calls))
                                   : "";
    size_t known = model->baseline ? model->baseline->known : 0;
    const char *aside = known ? ol_pool_format(pool, "%zu known%s", known, calls ? ", " : "") : "";
    aside = known || calls ? ol_pool_format(pool, " (%s%s)", aside, suppressed) : "";
    const char *rest = why ? ol_pool_format(pool, "; %s", why) : "";
    return ol_pool_format(
        pool, "%s violation%s, %s hit%s, %s lost%s%s%s", ol_number_count(pool, totals->sites),
        plural(totals->sites), ol_number_count(pool, totals->hits), plural(totals->hits),
        ol_number_duration(pool, totals->time_ns), on_loops(pool, model), aside, rest);
}

static const char *clean(struct obstack *pool, struct ol_model *model)
{
    size_t rules = model->sums.suppressed_used;
    uint64_t calls = model->sums.suppressed_hits;
    const char *suppressed = calls ? ol_pool_format(pool,
                                                    " (%s call%s suppressed by %zu allow rule%s)",
                                                    ol_number_count(pool, calls), plural(calls),
                                                    rules, plural(rules))
                                   : "";
    return ol_pool_format(pool, "no violations%s%s", on_loops(pool, model), suppressed);
}

/* `said`: what was not judged is said elsewhere; NULL where that is all there is to say. */
static const char *sentence(struct obstack *pool, struct ol_model *model, bool said)
{
    const char *why;
    enum ol_judged judged = ol_judged_of(pool, model, &why);
    if (judged == OL_JUDGED_all)
        return model->totals.hits ? found(pool, model, NULL) : clean(pool, model);
    if (judged == OL_JUDGED_part && model->totals.hits)
        return found(pool, model, said ? NULL : why);
    return said ? NULL
                : ol_pool_format(pool, "%s, so %s was judged", why,
                                 judged == OL_JUDGED_part ? "not all" : "nothing");
}

const char *ol_closing_sentence(struct obstack *pool, struct ol_model *model)
{
    return sentence(pool, model, false);
}

/* For a shell, where ' ends what ' began. */
static const char *quoted(struct obstack *pool, const char *path)
{
    obstack_1grow(pool, '\'');
    for (; *path; path++)
        if (*path == '\'')
            obstack_grow(pool, "'\\''", 4);
        else
            obstack_1grow(pool, *path);
    obstack_grow0(pool, "'", 1);
    return obstack_finish(pool);
}

const char *ol_closing_path(struct obstack *pool, const char *path)
{
    char *folder = getcwd(NULL, 0);
    size_t length = folder ? strlen(folder) : 0;
    if (length > 1 && strncmp(path, folder, length) == 0 && path[length] == '/')
        path += length + 1;
    free(folder);
    bool plain = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-./=:,+@%") == strlen(path);
    return plain ? path : quoted(pool, path);
}

/* NULL: nothing to read. */
static const char *record_of(const struct ol_model *model, const char *folder)
{
    const char *only = NULL;
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        if (run->empty)
            continue;
        if (only)
            return folder;
        only = run->path;
    }
    return only;
}

/* Nothing was found that could have been judged, in a program that was watched. */
static void say_no_loop(const struct ol_model *model, const char *why, const char *program)
{
    ol_say_line("%s in %s, so nothing was judged; %s", why, program,
                model->forbids_loops ? "no-loop lines of a rules file keep threads from being one"
                                     : "if it has one, see --loop in offloop run --help");
}

void ol_closing_say(struct ol_model *model, const char *program, const char *folder, bool said)
{
    struct obstack *pool = &model->pool;
    const char *why, *record = record_of(model, folder), *words = sentence(pool, model, said);
    bool nothing = ol_judged_of(pool, model, &why) == OL_JUDGED_nothing;
    if (!words)
        return;
    if (nothing && !model->unwatched && !ol_model_loops(model))
        say_no_loop(model, why, program);
    else if (record && !(nothing && model->unwatched))
        ol_say_line("%s: offloop report %s", words, ol_closing_path(pool, record));
    else
        ol_say_line("%s", words);
}
