/* Runs, sites and strings of the HTML report as JSON. Called by html.c. The writing is by hand, as
 * a tree of jansson's for every site would take most of the time; strings are jansson's, which
 * knows how to escape them. */
#include "html_data.h"

#include <jansson.h>
#include <string.h>

#include "baseline.h"
#include "plain.h"
#include "snippet.h"

#define EXACT_MAX ((1ull << 53) - 1) /* JavaScript's numbers are whole up to here */

uint32_t ol_html_string(struct ol_html_data *data, const char *string)
{
    return string ? ol_intern_add(&data->strings, string, strlen(string) + 1, NULL) : 0;
}

/* "<" ends no script where there is none; outside of strings JSON has no such bytes. */
static int put_escaped(const char *bytes, size_t size, void *context)
{
    FILE *out = context;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '<' || bytes[i] == '>' || bytes[i] == '&')
            fprintf(out, "\\u%04x", (unsigned)bytes[i]);
        else
            putc_unlocked(bytes[i], out);
    return 0;
}

void ol_html_put_text(struct ol_html_data *data, const char *string)
{
    if (!string) {
        fputs("null", data->out);
        return;
    }
    void *mark = obstack_alloc(&data->pool, 0);
    json_t *value = json_string(ol_plain_text(&data->pool, string));
    json_dump_callback(value, put_escaped, data->out, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    json_decref(value);
    obstack_free(&data->pool, mark);
}

static void put_name(struct ol_html_data *data, const char *before, const char *name)
{
    fprintf(data->out, "%s\"%s\":", before, name);
}

static void put_string(struct ol_html_data *data, const char *before, const char *name,
                       const char *string)
{
    put_name(data, before, name);
    ol_html_put_text(data, string);
}

static void put_number(struct ol_html_data *data, const char *name, uint64_t number)
{
    put_name(data, ",", name);
    fprintf(data->out, "%llu", (unsigned long long)(number < EXACT_MAX ? number : EXACT_MAX));
}

/* Only the buckets that have turns: [bucket, turns, …]. */
static void put_histogram(struct ol_html_data *data, const struct ol_loop *loop)
{
    const char *before = "";
    put_name(data, ",", "histogram");
    fputs("[", data->out);
    for (unsigned i = 0; i < OL_TURN_BUCKETS; i++)
        if (loop->histogram[i]) {
            fprintf(data->out, "%s%u,%u", before, i, loop->histogram[i]);
            before = ",";
        }
    fputs("]", data->out);
}

static void put_loop(struct ol_html_data *data, const struct ol_loop *loop)
{
    put_string(data, "{", "name", loop->name);
    put_string(data, ",", "wait", loop->wait);
    put_number(data, "pid", (uint64_t)(loop->pid > 0 ? loop->pid : 0));
    put_number(data, "tid", (uint64_t)(loop->tid > 0 ? loop->tid : 0));
    put_number(data, "turns", loop->turns);
    put_number(data, "busy", loop->busy_ns);
    put_number(data, "lost", loop->lost_ns);
    put_number(data, "longest", loop->longest_turn_ns);
    put_number(data, "p50", loop->p50_ns);
    put_number(data, "p99", loop->p99_ns);
    put_number(data, "stalls", loop->stalls);
    put_histogram(data, loop);
    fputs("}", data->out);
}

static void put_blind_spots(struct ol_html_data *data, const struct ol_run *run)
{
    put_name(data, ",", "blind");
    for (size_t i = 0; i < run->blind_spot_count; i++) {
        fputs(i ? ",[" : "[[", data->out);
        ol_html_put_text(data, run->blind_spots[i].what);
        fputs(",", data->out);
        ol_html_put_text(data, run->blind_spots[i].why);
        fputs("]", data->out);
    }
    fputs(run->blind_spot_count ? "]" : "[]", data->out);
}

static uint64_t microseconds(int64_t ns)
{
    return ns > 0 ? (uint64_t)ns / 1000 : 0;
}

static void put_run(struct ol_html_data *data, const struct ol_run *run)
{
    put_string(data, "{", "record", run->path);
    put_string(data, ",", "exe", run->exe);
    put_string(data, ",", "argv", run->argv);
    put_string(data, ",", "cwd", run->cwd);
    put_string(data, ",", "language", run->language);
    put_string(data, ",", "damage", run->damage);
    put_number(data, "pid", (uint64_t)(run->pid > 0 ? run->pid : 0));
    put_number(data, "started", microseconds(run->started_ns));
    put_number(data, "processes", run->process_count);
    put_blind_spots(data, run);
    put_name(data, ",", "loops");
    for (size_t i = 0; i < run->loop_count; i++) {
        fputs(i ? "," : "[", data->out);
        put_loop(data, &run->loops[i]);
    }
    fputs(run->loop_count ? "]}" : "[]}", data->out);
}

static void put_runs(struct ol_html_data *data)
{
    put_name(data, ",\n", "runs");
    for (const struct ol_run *run = data->model->runs; run; run = run->next) {
        fputs(run == data->model->runs ? "[" : ",\n", data->out);
        put_run(data, run);
    }
    fputs(data->model->runs ? "]" : "[]", data->out);
}

static void put_totals(struct ol_html_data *data)
{
    const struct ol_totals *totals = &data->model->totals;
    put_name(data, ",\n", "totals");
    fprintf(data->out, "{\"sites\":%zu", totals->sites);
    put_number(data, "hits", totals->hits);
    put_number(data, "time", totals->time_ns);
    put_number(data, "hidden", data->model->hidden);
    put_number(data, "unreadable", data->model->unreadable);
    put_number(data, "dropped", totals->dropped);
    put_number(data, "hits_lost", ol_model_hits_lost(data->model));
    fputs("}", data->out);
}

/* [line, hits, …]; the same line stands in each record of a run, and the page adds them up. */
static void put_suppressed(struct ol_html_data *data)
{
    const char *before = "[";
    put_name(data, ",\n", "suppressed");
    for (const struct ol_run *run = data->model->runs; run; run = run->next)
        for (size_t i = 0; i < run->suppressed_count; i++) {
            fprintf(data->out, "%s%u,%llu", before, ol_html_string(data, run->suppressed[i].rule),
                    (unsigned long long)run->suppressed[i].hits);
            before = ",";
        }
    fputs(*before == '[' ? "[]" : "]", data->out);
}

/* A site is a row; the order of its numbers is that of `columns` in put_sites. */
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
        violation->action,
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
        (uint64_t)(violation->pid > 0 ? violation->pid : 0),
        (uint64_t)(violation->tid > 0 ? violation->tid : 0),
        ol_html_string(data, violation->thread),
        violation->on_loop,
        stack,
        culprit,
        ol_html_string(data, violation->owner),
        ol_html_string(data, ol_snippet_allow_place(pool, violation)),
        ol_html_string(data, ol_snippet_allow_path(pool, violation)),
        ol_html_string(data, ol_baseline_line_of(pool, violation).text),
        data->model->baseline && !violation->known,
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        fprintf(data->out, "%s%llu", i ? "," : "[",
                (unsigned long long)(row[i] < EXACT_MAX ? row[i] : EXACT_MAX));
    fputs("]", data->out);
}

static void put_sites(struct ol_html_data *data)
{
    const struct ol_model *model = data->model;
    fputs(",\n\"columns\":[\"id\",\"rule\",\"kind\",\"family\",\"severity\",\"action\",\"phase\","
          "\"function\",\"api\",\"argument\",\"hint\",\"count\",\"blocked\",\"total\",\"max\","
          "\"waits\",\"faults\",\"first\",\"last\",\"run\",\"pid\",\"tid\",\"thread\",\"on_loop\","
          "\"stack\",\"culprit\",\"owner\",\"allow_place\",\"allow_path\",\"baseline\","
          "\"new\"],\n\"sites\":[",
          data->out);
    for (size_t i = 0; i < model->violation_count; i++) {
        fputs(i ? ",\n" : "", data->out);
        put_site(data, &model->violations[i]);
    }
    fputs("]", data->out);
}

static void put_strings(struct ol_html_data *data)
{
    fputs(",\n\"strings\":[null", data->out);
    for (size_t i = 1; i < data->strings.count; i++) {
        fputs(",\n", data->out);
        ol_html_put_text(data, data->strings.entries[i].bytes);
    }
    fputs("]", data->out);
}

static void begin(struct ol_html_data *data, struct ol_model *model, FILE *out)
{
    *data = (struct ol_html_data){.out = out, .model = model};
    ol_pool_begin(&data->pool);
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
    ol_pool_end(&data->pool);
}

void ol_html_data_write(struct ol_model *model, FILE *out)
{
    struct ol_html_data data;
    begin(&data, model, out);
    fputs("{\"schema\":\"offloop.html/1\",\"offloop\":\"" OFFLOOP_VERSION "\"", out);
    put_totals(&data);
    put_runs(&data);
    put_suppressed(&data);
    put_sites(&data);
    ol_html_put_stacks(&data);
    put_strings(&data);
    fputs("}", out);
    end(&data);
}
