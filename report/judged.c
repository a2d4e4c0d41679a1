/* SPDX-License-Identifier: MIT */
/* What the records are worth: the verdict, the baseline and the closing line ask here. */
#include "judged.h"

#include "number.h"
#include "phrase.h"

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *damage_of(const struct ol_model *model)
{
    for (const struct ol_run *run = model->runs; run; run = run->next)
        if (run->damage)
            return run->damage;
    return NULL;
}

/* Other entries without room cost names, and change no verdict. */
static const char *without_room(struct obstack *pool, const struct ol_model *model)
{
    uint64_t hits = ol_model_hits_lost(model), loops = ol_model_lost(model, OL_SECTION_loops);
    if (!hits && !loops)
        return NULL;
    if (!loops)
        return ol_pool_format(pool, "%s hit%s did not fit into the record",
                              ol_number_count(pool, hits), plural(hits));
    return ol_pool_format(pool, "%s hit%s and %s loop thread%s did not fit into the record",
                          ol_number_count(pool, hits), plural(hits), ol_number_count(pool, loops),
                          plural(loops));
}

static const char *missing(struct obstack *pool, const struct ol_model *model)
{
    if (model->unreadable)
        return ol_pool_format(pool, "%zu record%s could not be read", model->unreadable,
                              plural(model->unreadable));
    if (model->lost)
        return model->lost;
    if (damage_of(model))
        return ol_pool_format(pool, "a record is damaged: %s", damage_of(model));
    return without_room(pool, model);
}

enum ol_judged ol_judged_of(struct obstack *pool, const struct ol_model *model, const char **why)
{
    *why = missing(pool, model);
    if (*why)
        return OL_JUDGED_part;
    *why = model->totals.sites ? NULL : ol_phrase_unjudged(model);
    if (*why && !ol_model_loops(model) && model->unwatched)
        *why = "no loop thread was found, and not every program was watched";
    return *why ? OL_JUDGED_nothing : OL_JUDGED_all;
}
