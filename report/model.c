/* SPDX-License-Identifier: MIT */
/* The model's memory and its sums. */
#include "model.h"

struct ol_part {
    struct ol_part *next;
    void *part;
    void (*end)(void *part);
};

void ol_model_begin(struct ol_model *model)
{
    *model = (struct ol_model){0};
    ol_pool_begin(&model->pool);
    model->last_run = &model->runs;
}

void ol_model_end(struct ol_model *model)
{
    for (const struct ol_part *part = model->parts; part; part = part->next)
        part->end(part->part);
    free(model->violations);
    ol_pool_end(&model->pool);
}

void ol_model_attach(struct ol_model *model, void *part, void (*end)(void *part))
{
    struct ol_part *attached = ol_pool_array(&model->pool, 1, sizeof *attached);
    *attached = (struct ol_part){model->parts, part, end};
    model->parts = attached;
}

size_t ol_model_loops(const struct ol_model *model)
{
    size_t threads = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->loop_count; i++)
            threads += run->loops[i].threads;
    return threads;
}

uint64_t ol_model_loops_run(const struct ol_model *model)
{
    uint64_t loops = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->loop_count; i++)
            loops += run->loops[i].loops;
    return loops;
}

bool ol_model_judged(const struct ol_model *model)
{
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->loop_count; i++)
            if (run->loops[i].judged)
                return true;
    return false;
}

uint64_t ol_model_hits_lost(const struct ol_model *model)
{
    uint64_t hits = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        hits += run->hits_lost;
    return hits;
}

uint64_t ol_model_lost(const struct ol_model *model, enum ol_section_id id)
{
    uint64_t lost = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next)
        lost += run->lost[id];
    return lost;
}
