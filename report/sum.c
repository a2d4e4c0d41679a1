/* SPDX-License-Identifier: MIT */
/* Adding up: totals, rules, allow rules, and what was not watched. */
#include "sum.h"

#include <string.h>

#include "intern.h"

#define TELLING_NS                                                                                 \
    1000000 /* a call that takes a millisecond waited for something, whatever the counters say */

static void add_violations(struct ol_model *model)
{
    struct ol_totals *totals = &model->totals;
    totals->sites = model->violation_count + model->hidden;
    for (size_t i = 0; i < totals->sites; i++) {
        struct ol_violation *violation = &model->violations[i];
        violation->did_block = violation->waits || violation->major_faults ||
                               violation->max_ns >= TELLING_NS;
        totals->hits += violation->count;
        totals->time_ns += violation->total_ns;
        totals->by_severity[violation->severity] += violation->count;
        totals->sites_by_severity[violation->severity]++;
    }
}

static void add_lost(struct ol_model *model)
{
    struct ol_totals *totals = &model->totals;
    uint64_t time_lost = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        time_lost += run->time_lost_ns;
        totals->hits += run->hits_lost;
        totals->dropped += run->hits_lost;
        for (int id = 0; id < OL_SECTION_COUNT; id++)
            if (id != OL_SECTION_sites) /* those are counted by their hits */
                totals->dropped += run->lost[id];
    }
    if (totals->time_ns < time_lost && totals->dropped)
        totals->time_ns = time_lost; /* sites without an entry lost time too */
}

static int by_time(const void *a, const void *b)
{
    const struct ol_rule_sum *x = a, *y = b;
    return x->time_ns != y->time_ns ? (x->time_ns < y->time_ns) - (x->time_ns > y->time_ns)
                                    : strcmp(x->rule, y->rule);
}

static void add_rules(struct ol_model *model)
{
    struct ol_sums *sums = &model->sums;
    struct ol_intern known;
    size_t room = 0;
    ol_intern_begin(&known, &model->pool);
    for (size_t i = 0; i < model->violation_count + model->hidden; i++) {
        const struct ol_violation *violation = &model->violations[i];
        bool added, shown = i < model->violation_count;
        uint32_t number = ol_intern_add(&known, violation->rule, strlen(violation->rule), &added);
        if (number >= room) {
            struct ol_rule_sum *more = ol_pool_array(&model->pool, 2 * room + 64, sizeof *more);
            if (room)
                memcpy(more, sums->rules, room * sizeof *more);
            sums->rules = more;
            room = 2 * room + 64;
        }
        struct ol_rule_sum *sum = &sums->rules[number];
        sum->rule = violation->rule;
        sum->violations += shown;
        sum->hits += shown ? violation->count : 0;
        sum->time_ns += shown ? violation->total_ns : 0;
        sum->all_hits += violation->count;
    }
    sums->rule_count = known.count;
    ol_intern_end(&known);
    if (sums->rule_count)
        qsort(sums->rules, sums->rule_count, sizeof *sums->rules, by_time);
}

/* The same allow rule stands in each record of a run: its hits are added. */
static void add_suppressed(struct ol_model *model)
{
    struct ol_sums *sums = &model->sums;
    struct ol_intern known;
    size_t most = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        most += run->suppressed_count;
    sums->suppressed = ol_pool_array(&model->pool, most, sizeof *sums->suppressed);
    ol_intern_begin(&known, &model->pool);
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->suppressed_count; i++) {
            const char *rule = run->suppressed[i].rule ? run->suppressed[i].rule : "?";
            struct ol_suppressed
                *sum = &sums->suppressed[ol_intern_add(&known, rule, strlen(rule), NULL)];
            sum->rule = rule;
            sum->hits += run->suppressed[i].hits;
            sums->suppressed_hits += run->suppressed[i].hits;
        }
    sums->suppressed_count = known.count;
    for (size_t i = 0; i < sums->suppressed_count; i++)
        sums->suppressed_used += sums->suppressed[i].hits != 0;
    ol_intern_end(&known);
}

static uint32_t number_of(struct ol_model *model, struct ol_intern *known,
                          const struct ol_note *note)
{
    char *key = ol_pool_format(&model->pool, "%s\n%s", note->what, note->why);
    return ol_intern_add(known, key, strlen(key), NULL);
}

static void add_notes(struct ol_model *model)
{
    struct ol_sums *sums = &model->sums;
    struct ol_intern known;
    size_t most = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        most += run->blind_spot_count;
    sums->notes = ol_pool_array(&model->pool, most, sizeof *sums->notes);
    ol_intern_begin(&known, &model->pool);
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->blind_spot_count; i++) {
            const struct ol_blind_spot *spot = &run->blind_spots[i];
            struct ol_note note = {spot->what ? spot->what : "?", spot->why ? spot->why : "?", 0};
            uint32_t number = number_of(model, &known, &note);
            note.runs = sums->notes[number].runs + 1;
            sums->notes[number] = note;
        }
    sums->note_count = known.count;
    ol_intern_end(&known);
}

void ol_sum_up(struct ol_model *model)
{
    model->totals = (struct ol_totals){0};
    model->sums = (struct ol_sums){0};
    add_violations(model);
    add_lost(model);
    add_rules(model);
    add_suppressed(model);
    add_notes(model);
}
