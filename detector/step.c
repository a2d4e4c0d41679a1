/* SPDX-License-Identifier: MIT */
/* Hits between two steps of a loop. The contract is in step.h. */
#include "step.h"

#include <stdatomic.h>
#include <string.h>

#include "live.h"
#include "scratch.h"
#include "thread.h"

static _Atomic bool took_back; /* some first hit */

bool ol_step_holds(void)
{
    struct ol_steps *steps = &ol_self.steps;
    steps->left = ol_self.is_loop && steps->place;
    return steps->left;
}

static struct ol_step_held *held_of(struct ol_site_ref site)
{
    struct ol_steps *steps = &ol_self.steps;
    struct ol_scratch *scratch = ol_scratch_get();
    if (!scratch || site.index == OL_SITE_LOST)
        return NULL;
    for (unsigned i = 0; i < steps->held; i++)
        if (scratch->held[i].site.index == site.index && scratch->held[i].after == steps->number)
            return &scratch->held[i];
    if (steps->held == OL_STEP_HELD)
        return NULL;
    struct ol_step_held *held = &scratch->held[steps->held++];
    *held = (struct ol_step_held){.site = site, .after = steps->number, .counted = steps->repeated};
    return held;
}

bool ol_step_hold(struct ol_site_ref site, const struct ol_site_sum *more)
{
    struct ol_step_held *held = held_of(site);
    if (!held)
        return ol_self.steps.repeated && site.index != OL_SITE_LOST;
    struct ol_site_sum *sum = &held->sum;
    sum->count += more->count;
    sum->ns += more->ns;
    sum->waits += more->waits;
    sum->major_faults += more->major_faults;
    sum->last_ns = more->last_ns;
    if (more->max_ns > sum->max_ns)
        sum->max_ns = more->max_ns;
    return held->counted;
}

void ol_step_tell_later(struct ol_site_ref site)
{
    struct ol_step_held *held = held_of(site);
    if (held)
        held->first = true;
}

static void count(struct ol_step_held *held)
{
    if (!held->counted)
        ol_site_add(held->site, &held->sum);
    if (held->first)
        ol_live_hit(held->site, held->sum.max_ns);
}

static void take_back(struct ol_step_held *held)
{
    if (held->counted)
        ol_site_take_back(held->site, &held->sum);
    if (held->first)
        atomic_store_explicit(&took_back, true, memory_order_relaxed);
}

/* Does that with what came after the step of that number, or any later one, and keeps the rest.
 * Signal handlers must not find the scratch in use. */
static void settle(unsigned since, void (*each)(struct ol_step_held *held))
{
    struct ol_scratch *scratch = ol_scratch_get();
    bool inside = ol_self.inside;
    uint16_t kept = 0;
    ol_self.inside = true;
    for (unsigned i = 0; scratch && i < ol_self.steps.held; i++)
        if (scratch->held[i].after >= since)
            each(&scratch->held[i]);
        else
            scratch->held[kept++] = scratch->held[i];
    ol_self.steps.held = kept;
    ol_self.inside = inside;
}

/* Puts the place in front. The number of its last step; 0: it has none. */
static unsigned visit(struct ol_steps *steps, uint64_t place)
{
    unsigned last = 0;
    while (last < OL_STEP_PLACES - 1 && steps->places[last].place != place)
        last++;
    unsigned number = steps->places[last].place == place ? steps->places[last].number : 0;
    memmove(steps->places + 1, steps->places, last * sizeof *steps->places);
    steps->places[0] = (struct ol_step_place){place, ++steps->number};
    return number;
}

static bool begins_anew(uint64_t place)
{
    struct ol_steps *steps = &ol_self.steps;
    bool left = steps->left;
    if (!place) {
        ol_step_is_over();
        return !left;
    }
    unsigned last = visit(steps, place);
    steps->place = place;
    steps->left = false;
    steps->repeated = last != 0;
    if (last && steps->held)
        settle(last, count);
    return last || !left;
}

bool ol_step_begins(uint64_t place, unsigned run)
{
    struct ol_steps *steps = &ol_self.steps;
    bool same_run = run && run == steps->run;
    steps->run = run;
    if (place == steps->place && !steps->left && (same_run || steps->repeated || !place))
        return true;
    return begins_anew(place);
}

void ol_step_is_over(void)
{
    if (ol_self.steps.held)
        settle(0, take_back);
    ol_self.steps = (struct ol_steps){.place = 0};
}

bool ol_step_took_back(void)
{
    return atomic_load_explicit(&took_back, memory_order_relaxed);
}
