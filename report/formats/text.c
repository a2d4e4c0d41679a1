/* SPDX-License-Identifier: MIT */
/* The text report as a whole. */
#include "text.h"

static uint64_t worst_time(const struct ol_model *model)
{
    uint64_t worst = 1;
    for (size_t i = 0; i < model->violation_count; i++)
        if (model->violations[i].total_ns > worst)
            worst = model->violations[i].total_ns;
    return worst;
}

static void write(struct ol_model *model, FILE *out)
{
    struct ol_page page;
    ol_page_begin(&page, out, &model->pool);
    ol_text_put_head(&page, model);
    uint64_t worst = worst_time(model);
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        ol_text_put_violation(&page, model, &model->violations[i], worst);
        obstack_free(&model->pool, mark);
    }
    ol_text_put_totals(&page, model);
}

const struct ol_format ol_format_text = {
    .name = "text",
    .suffix = ".text",
    .text = "for people: loop threads, violations with their stacks, sums",
    .write = write,
};
