/* SPDX-License-Identifier: MIT */
/* Merging and ordering violations. */
#include "group.h"

#include <string.h>

#include "sum.h"

bool ol_group_parse(const char *word, enum ol_group_order *order)
{
    static const char *const words[] = {"time", "count", "max"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            *order = (enum ol_group_order)i;
            return true;
        }
    return false;
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int worse(uint64_t a, uint64_t b)
{
    return (a < b) - (a > b);
}

/* Where in its function a site is: its line, or, without one, its place in the module. */
static uint64_t place(const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    return !culprit ? 0 : culprit->line ? culprit->line : culprit->offset;
}

/* Equal ids together and in the order of their lines, then the earliest hit first; the record's
 * path keeps the order of equal times. */
static int by_id(const void *a, const void *b)
{
    const struct ol_violation *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    order = order ? order : compare((int64_t)place(x), (int64_t)place(y));
    order = order ? order : compare(x->first_ns, y->first_ns);
    order = order ? order : strcmp(x->run->path, y->run->path);
    return order ? order : compare(x->tid, y->tid);
}

/* What a baseline does not know comes first, whatever the order, and workers' last. */
static int by_news(const void *a, const void *b)
{
    const struct ol_violation *x = a, *y = b;
    return x->worker != y->worker ? x->worker - y->worker : x->known - y->known;
}

static int by_time(const void *a, const void *b)
{
    const struct ol_violation *x = a, *y = b;
    int order = by_news(a, b);
    order = order ? order : worse(x->total_ns, y->total_ns);
    order = order ? order : worse(x->count, y->count);
    return order ? order : by_id(a, b);
}

static int by_count(const void *a, const void *b)
{
    const struct ol_violation *x = a, *y = b;
    int order = by_news(a, b);
    order = order ? order : worse(x->count, y->count);
    return order ? order : by_time(a, b);
}

static int by_max(const void *a, const void *b)
{
    const struct ol_violation *x = a, *y = b;
    int order = by_news(a, b);
    order = order ? order : worse(x->max_ns, y->max_ns);
    return order ? order : by_time(a, b);
}

/* Shown is where the most was lost at once. */
static void show_worse(struct ol_violation *kept, const struct ol_violation *other)
{
    if (other->max_ns <= kept->max_ns)
        return;
    kept->function = other->function;
    kept->api = other->api;
    kept->argument = other->argument;
    kept->run = other->run;
    kept->pid = other->pid;
    kept->tid = other->tid;
    kept->thread = other->thread;
    kept->frames = other->frames;
    kept->frame_count = other->frame_count;
    kept->culprit = other->culprit;
    kept->owner = other->owner;
    kept->max_ns = other->max_ns;
}

static void absorb(struct ol_violation *kept, const struct ol_violation *other)
{
    show_worse(kept, other);
    kept->count += other->count;
    kept->blocked += other->blocked;
    kept->total_ns += other->total_ns;
    kept->waits += other->waits;
    kept->major_faults += other->major_faults;
    kept->last_ns = kept->last_ns > other->last_ns ? kept->last_ns : other->last_ns;
    kept->severity = kept->severity > other->severity ? kept->severity : other->severity;
    kept->on_loop |= other->on_loop;
    kept->worker &= other->worker;
    if (!other->allowed_by) /* it is a violation by other hits too */
        kept->allowed_by = NULL;
}

/* Two calls of one function of the user's, on two lines, are two violations of one id: the id knows
 * no lines, and a number in it would change with what else was hit. */
static bool same_site(const struct ol_violation *a, const struct ol_violation *b, bool by_line)
{
    return strcmp(a->id, b->id) == 0 && (!by_line || place(a) == place(b));
}

static void merge(struct ol_model *model, bool by_line)
{
    struct ol_violation *all = model->violations;
    size_t kept = 0;
    if (model->violation_count)
        qsort(all, model->violation_count, sizeof *all, by_id);
    for (size_t i = 0; i < model->violation_count; i++) {
        if (kept && same_site(&all[kept - 1], &all[i], by_line))
            absorb(&all[kept - 1], &all[i]);
        else
            all[kept++] = all[i];
    }
    model->violation_count = kept;
    ol_sum_up(model);
}

void ol_group_merge(struct ol_model *model)
{
    merge(model, true);
}

void ol_group_merge_lines(struct ol_model *model)
{
    merge(model, false);
}

void ol_group_filter(struct ol_model *model, enum ol_severity least)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->violation_count; i++)
        if (model->violations[i].severity >= least) {
            struct ol_violation violation = model->violations[i];
            model->violations[i] = model->violations[kept];
            model->violations[kept++] = violation;
        }
    model->hidden += model->violation_count - kept;
    model->violation_count = kept;
    ol_sum_up(model);
}

void ol_group_sort(struct ol_model *model, enum ol_group_order order)
{
    int (*const orders[])(const void *, const void *) = {by_time, by_count, by_max};
    if (model->violation_count)
        qsort(model->violations, model->violation_count, sizeof *model->violations, orders[order]);
}
