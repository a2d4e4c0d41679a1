/* SPDX-License-Identifier: MIT */
/* Runs, sites and strings of the HTML report as JSON. */
#include "html_data.h"

#include <string.h>

#include "../baseline.h"
#include "../phrase.h"
#include "../plain.h"
#include "../snippet.h"

#define EXACT_MAX ((1ull << 53) - 1) /* JavaScript's numbers are whole up to here */

uint32_t ol_html_string(struct ol_html_data *data, const char *string)
{
    return string ? ol_intern_add(&data->strings, string, strlen(string) + 1, NULL) : 0;
}

static uint64_t exact(uint64_t number)
{
    return number < EXACT_MAX ? number : EXACT_MAX;
}

void ol_html_put(struct ol_html_data *data, uint64_t number)
{
    ol_stream_count(&data->stream, NULL, exact(number));
}

static void put_number(struct ol_html_data *data, const char *name, uint64_t number)
{
    ol_stream_count(&data->stream, name, exact(number));
}

/* Text that is harmless to show. */
static void put_text(struct ol_html_data *data, const char *name, const char *string)
{
    void *mark = obstack_alloc(&data->pool, 0);
    ol_stream_text(&data->stream, name, string ? ol_plain_text(&data->pool, string) : NULL);
    obstack_free(&data->pool, mark);
}

/* Only the buckets that have turns: [bucket, turns, …]. */
static void put_histogram(struct ol_html_data *data, const struct ol_loop *loop)
{
    ol_stream_open(&data->stream, "histogram", '[');
    for (unsigned i = 0; i < OL_TURN_BUCKETS; i++)
        if (loop->histogram[i]) {
            ol_html_put(data, i);
            ol_html_put(data, loop->histogram[i]);
        }
    ol_stream_close(&data->stream, ']');
}

static uint64_t natural(int number)
{
    return number > 0 ? (uint64_t)number : 0;
}

static void put_loop(struct ol_html_data *data, const struct ol_loop *loop)
{
    ol_stream_open(&data->stream, NULL, '{');
    put_text(data, "name", loop->name);
    put_text(data, "wait", loop->wait);
    put_number(data, "pid", natural(loop->pid));
    put_number(data, "tid", natural(loop->tid));
    put_number(data, "threads", loop->threads);
    put_number(data, "loops", loop->loops);
    put_number(data, "worker", loop->worker);
    put_number(data, "judged", loop->judged);
    put_number(data, "turns", loop->turns);
    put_number(data, "busy", loop->busy_ns);
    put_number(data, "lost", loop->lost_ns);
    put_number(data, "longest", loop->longest_turn_ns);
    put_number(data, "p50", loop->p50_ns);
    put_number(data, "p99", loop->p99_ns);
    put_number(data, "stalls", loop->stalls);
    put_histogram(data, loop);
    ol_stream_close(&data->stream, '}');
}

/* [what, why, programs], … */
static void put_notes(struct ol_html_data *data)
{
    const struct ol_sums *sums = &data->model->sums;
    ol_stream_open(&data->stream, "notes", '[');
    for (size_t i = 0; i < sums->note_count; i++) {
        ol_stream_open(&data->stream, NULL, '[');
        put_text(data, NULL, sums->notes[i].what);
        put_text(data, NULL, sums->notes[i].why);
        ol_html_put(data, sums->notes[i].runs);
        ol_stream_close(&data->stream, ']');
    }
    ol_stream_close(&data->stream, ']');
}

static uint64_t microseconds(int64_t ns)
{
    return ns > 0 ? (uint64_t)ns / 1000 : 0;
}

static void put_run(struct ol_html_data *data, const struct ol_run *run)
{
    ol_stream_open(&data->stream, NULL, '{');
    put_text(data, "record", run->path);
    put_text(data, "exe", run->exe);
    put_text(data, "argv", run->argv);
    put_text(data, "cwd", run->cwd);
    put_text(data, "language", run->language);
    put_text(data, "damage", run->damage);
    put_number(data, "pid", natural(run->pid));
    put_number(data, "started", microseconds(run->started_ns));
    put_number(data, "processes", run->process_count);
    ol_stream_open(&data->stream, "loops", '[');
    for (size_t i = 0; i < run->loop_count; i++)
        put_loop(data, &run->loops[i]);
    ol_stream_close(&data->stream, ']');
    ol_stream_close(&data->stream, '}');
}

static void put_runs(struct ol_html_data *data)
{
    ol_stream_open(&data->stream, "runs", '[');
    for (const struct ol_run *run = data->model->runs; run; run = run->next)
        put_run(data, run);
    ol_stream_close(&data->stream, ']');
}

/* How the sites compare with the baseline, and its lines that are gone; null without one. */
static void put_baseline(struct ol_html_data *data)
{
    const struct ol_baseline *baseline = data->model->baseline;
    if (!baseline) {
        ol_stream_text(&data->stream, "baseline", NULL);
        return;
    }
    ol_stream_open(&data->stream, "baseline", '{');
    put_text(data, "file", baseline->path);
    put_number(data, "new", baseline->added);
    put_number(data, "known", baseline->known);
    ol_stream_open(&data->stream, "gone", '[');
    for (size_t i = 0; !baseline->doubt && i < baseline->count; i++)
        if (baseline->lines[i].gone)
            put_text(data, NULL, baseline->lines[i].text);
    ol_stream_close(&data->stream, ']');
    ol_stream_close(&data->stream, '}');
}

static void put_totals(struct ol_html_data *data)
{
    const struct ol_totals *totals = &data->model->totals;
    ol_stream_open(&data->stream, "totals", '{');
    put_number(data, "sites", totals->sites);
    put_number(data, "hits", totals->hits);
    put_number(data, "time", totals->time_ns);
    put_number(data, "hidden", data->model->hidden);
    put_number(data, "unreadable", data->model->unreadable);
    put_number(data, "dropped", totals->dropped);
    put_number(data, "hits_lost", ol_model_hits_lost(data->model));
    ol_stream_close(&data->stream, '}');
}

/* [rule, hits], … */
static void put_suppressed(struct ol_html_data *data)
{
    const struct ol_sums *sums = &data->model->sums;
    ol_stream_open(&data->stream, "suppressed", '[');
    for (size_t i = 0; i < sums->suppressed_count; i++) {
        ol_stream_open(&data->stream, NULL, '[');
        put_text(data, NULL, sums->suppressed[i].rule);
        ol_html_put(data, sums->suppressed[i].hits);
        ol_stream_close(&data->stream, ']');
    }
    ol_stream_close(&data->stream, ']');
}

static const char *const columns[] = {
    "id",         "rule",     "kind",     "family", "severity", "action",     "phase",
    "function",   "api",      "argument", "hint",   "count",    "blocked",    "total",
    "max",        "waits",    "faults",   "first",  "last",     "run",        "pid",
    "tid",        "thread",   "on_loop",  "stack",  "culprit",  "owner",      "allow_place",
    "allow_path", "baseline", "new",      "quoted", "effect",   "allowed_by",
};

/* A site is a row; the order of its numbers is that of `columns`. */
static void put_site(struct ol_html_data *data, const struct ol_violation *violation)
{
    const struct ol_run *run = violation->run;
    struct obstack *pool = &data->pool;
    uint32_t culprit, stack = ol_html_stack(data, violation, &culprit);
    const uint64_t row[] = {
        ol_html_string(data, violation->id),
        ol_html_string(data, violation->rule),
        ol_html_string(data, violation->kind),
        ol_html_string(data, violation->family),
        violation->severity,
        ol_html_string(data, ol_actions[violation->action].name),
        violation->phase,
        ol_html_string(data, violation->function),
        ol_html_string(data, violation->api),
        ol_html_string(data, violation->argument),
        ol_html_string(data, violation->hint),
        violation->count,
        violation->blocked,
        violation->total_ns,
        violation->max_ns,
        violation->waits,
        violation->major_faults,
        microseconds(violation->first_ns),
        microseconds(violation->last_ns),
        run->index,
        natural(violation->pid),
        natural(violation->tid),
        ol_html_string(data, violation->thread),
        violation->worker ? OL_ON_WORKER : violation->on_loop,
        stack,
        culprit,
        ol_html_string(data, violation->owner),
        ol_html_string(data, ol_snippet_allow_place(pool, violation)),
        ol_html_string(data, ol_snippet_allow_path(pool, violation)),
        ol_html_string(data, ol_baseline_line_of(data->model, violation).text),
        data->model->baseline && !violation->known,
        violation->argument && *ol_phrase_quote(violation),
        ol_html_string(data, ol_phrase_effect(pool, violation)),
        ol_html_string(data, violation->allowed_by),
    };
    ol_stream_line(&data->stream);
    ol_stream_open(&data->stream, NULL, '[');
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        ol_html_put(data, row[i]);
    ol_stream_close(&data->stream, ']');
    ol_stream_flush(&data->stream, data->out);
    _Static_assert(sizeof row / sizeof *row == sizeof columns / sizeof *columns, "a name each");
}

static void put_sites(struct ol_html_data *data)
{
    const struct ol_model *model = data->model;
    ol_stream_open(&data->stream, "columns", '[');
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ol_stream_text(&data->stream, NULL, columns[i]);
    ol_stream_close(&data->stream, ']');
    ol_stream_open(&data->stream, "sites", '[');
    for (size_t i = 0; i < model->violation_count; i++)
        put_site(data, &model->violations[i]);
    ol_stream_close(&data->stream, ']');
}

static void put_strings(struct ol_html_data *data)
{
    ol_stream_open(&data->stream, "strings", '[');
    ol_stream_text(&data->stream, NULL, NULL);
    for (size_t i = 1; i < data->strings.count; i++) {
        put_text(data, NULL, data->strings.entries[i].bytes);
        ol_stream_flush(&data->stream, data->out);
    }
    ol_stream_close(&data->stream, ']');
}

static void begin(struct ol_html_data *data, struct ol_model *model, FILE *out)
{
    *data = (struct ol_html_data){.out = out, .model = model};
    ol_pool_begin(&data->pool);
    ol_stream_begin(&data->stream);
    data->stream.html = true;
    ol_intern_begin(&data->strings, &data->pool);
    ol_intern_begin(&data->frames, &data->pool);
    ol_intern_begin(&data->nodes, &data->pool);
    ol_intern_begin(&data->lines, &data->pool);
    ol_intern_add(&data->strings, "null", 0, NULL); /* no string has the size 0: number 0 */
}

static void end(struct ol_html_data *data)
{
    ol_intern_end(&data->strings);
    ol_intern_end(&data->frames);
    ol_intern_end(&data->nodes);
    ol_intern_end(&data->lines);
    free(data->texts);
    ol_stream_end(&data->stream);
    ol_pool_end(&data->pool);
}

void ol_html_data_write(struct ol_model *model, FILE *out)
{
    struct ol_html_data data;
    begin(&data, model, out);
    ol_stream_open(&data.stream, NULL, '{');
    ol_stream_text(&data.stream, "schema", "offloop.html/1");
    ol_stream_text(&data.stream, "offloop", OFFLOOP_VERSION);
    put_totals(&data);
    put_baseline(&data);
    put_runs(&data);
    put_notes(&data);
    put_suppressed(&data);
    put_sites(&data);
    ol_html_put_stacks(&data);
    put_strings(&data);
    ol_stream_close(&data.stream, '}');
    ol_stream_flush(&data.stream, out);
    end(&data);
}
