/* SPDX-License-Identifier: MIT */
/* Comparing two models site by site. */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#define GROWTH 1.5
#define DEVIATIONS 4.0

const char *const ol_compare_names[OL_CHANGE_COUNT] = {
    [OL_CHANGE_NEW] = "new",
    [OL_CHANGE_GROWN] = "grown",
    [OL_CHANGE_GONE] = "gone",
    [OL_CHANGE_NONE] = "as before",
};

static double turns_of(const struct ol_model *model)
{
    double turns = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->loop_count; i++)
            turns += (double)run->loops[i].turns;
    return turns;
}

/* With equal rates the hits of both sides together would fall to the new side with the share that
 * its exposure has: a binomial distribution. Squares on both sides spare us the root. */
static bool has_grown(const struct ol_comparison *comparison, uint64_t old, uint64_t now)
{
    double before = (double)old, after = (double)now, all = before + after;
    double share = comparison->exposure / (comparison->exposure + comparison->old_exposure);
    double excess = after - all * share;
    bool faster = after * comparison->old_exposure >= GROWTH * before * comparison->exposure;
    return faster && excess > 0 &&
           excess * excess > DEVIATIONS * DEVIATIONS * all * share * (1 - share);
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const struct ol_violation *const *)a)->id,
                  (*(const struct ol_violation *const *)b)->id);
}

static const struct ol_violation **index_of(struct obstack *pool, const struct ol_model *model)
{
    const struct ol_violation **index = ol_pool_array(pool, model->violation_count + 1,
                                                      sizeof *index);
    for (size_t i = 0; i < model->violation_count; i++)
        index[i] = &model->violations[i];
    qsort(index, model->violation_count, sizeof *index, by_id);
    return index;
}

static const struct ol_violation *site_of(const struct ol_changed *changed)
{
    return changed->now ? changed->now : changed->old;
}

static int by_change(const void *a, const void *b)
{
    const struct ol_changed *x = a, *y = b;
    int order = (int)x->change - (int)y->change;
    order = order ? order : (int)site_of(y)->severity - (int)site_of(x)->severity;
    return order ? order : strcmp(site_of(x)->id, site_of(y)->id);
}

static void add(struct ol_comparison *comparison, const struct ol_violation *old,
                const struct ol_violation *now)
{
    enum ol_change change = !old                                            ? OL_CHANGE_NEW
                            : !now                                          ? OL_CHANGE_GONE
                            : has_grown(comparison, old->count, now->count) ? OL_CHANGE_GROWN
                                                                            : OL_CHANGE_NONE;
    comparison->sites[comparison->count++] = (struct ol_changed){change, old, now};
    comparison->counts[change]++;
}

void ol_compare(struct ol_comparison *comparison, struct obstack *pool, const struct ol_model *old,
                const struct ol_model *now)
{
    const struct ol_violation **before = index_of(pool, old), **after = index_of(pool, now);
    size_t i = 0, j = 0;
    *comparison = (struct ol_comparison){
        .old_exposure = turns_of(old) / 1000, .exposure = turns_of(now) / 1000, .by_turns = true};
    if (comparison->old_exposure <= 0 || comparison->exposure <= 0) {
        comparison->old_exposure = (double)old->run_count;
        comparison->exposure = (double)now->run_count;
        comparison->by_turns = false;
    }
    comparison->sites = ol_pool_array(pool, old->violation_count + now->violation_count + 1,
                                      sizeof *comparison->sites);
    while (i < old->violation_count || j < now->violation_count) {
        int order = i == old->violation_count   ? 1
                    : j == now->violation_count ? -1
                                                : strcmp(before[i]->id, after[j]->id);
        add(comparison, order <= 0 ? before[i] : NULL, order >= 0 ? after[j] : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    qsort(comparison->sites, comparison->count, sizeof *comparison->sites, by_change);
}
