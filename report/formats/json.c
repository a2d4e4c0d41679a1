/* SPDX-License-Identifier: MIT */
/* The report as data: runs and totals by jansson, violations by json_violation.c. */
#include "json.h"

#include <jansson.h>
#include <string.h>

#include "../baseline.h"
#include "../number.h"
#include "../outlet.h"
#include "../plain.h"

/* A string from a record. jansson takes UTF-8 only; bytes that are none have been escaped. */
static json_t *text(struct ol_model *model, const char *bytes)
{
    return bytes ? json_string_nocheck(ol_plain_utf8(&model->pool, bytes)) : json_null();
}

/* Numbers above 2^63, which no clock or counter reaches, are cut there: JSON readers take no more.
 */
static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)(value < INT64_MAX ? value : INT64_MAX));
}

/* Takes over the value. */
static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static json_t *loop_of(struct ol_model *model, const struct ol_loop *loop)
{
    json_t *object = json_object();
    set(object, "pid", json_integer(loop->pid));
    set(object, "tid", json_integer(loop->tid));
    set(object, "name", text(model, loop->name));
    set(object, "wait", text(model, loop->wait));
    set(object, "threads", number(loop->threads));
    set(object, "loops", number(loop->loops));
    set(object, "worker", json_boolean(loop->worker));
    set(object, "judged", json_boolean(loop->judged));
    set(object, "turns", number(loop->turns));
    set(object, "busy_ns", number(loop->busy_ns));
    set(object, "longest_turn_ns", number(loop->longest_turn_ns));
    set(object, "p50_ns", number(loop->p50_ns));
    set(object, "p99_ns", number(loop->p99_ns));
    set(object, "stalls", number(loop->stalls));
    return object;
}

static json_t *processes_of(const struct ol_run *run)
{
    json_t *array = json_array();
    for (size_t i = 0; i < run->process_count; i++) {
        const struct ol_process *process = &run->processes[i];
        json_t *object = json_object();
        set(object, "pid", json_integer(process->pid));
        set(object, "parent", json_integer(process->parent));
        set(object, "exit_status",
            process->ended ? json_integer(process->exit_status) : json_null());
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *blind_spots_of(struct ol_model *model, const struct ol_run *run)
{
    json_t *array = json_array();
    for (size_t i = 0; i < run->blind_spot_count; i++) {
        json_t *object = json_object();
        set(object, "what", text(model, run->blind_spots[i].what));
        set(object, "why", text(model, run->blind_spots[i].why));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *run_of(struct ol_model *model, const struct ol_run *run)
{
    json_t *object = json_object(), *loops = json_array();
    for (size_t i = 0; i < run->loop_count; i++)
        json_array_append_new(loops, loop_of(model, &run->loops[i]));
    set(object, "pid", json_integer(run->pid));
    set(object, "exe", text(model, run->exe));
    set(object, "argv", text(model, run->argv));
    set(object, "cwd", text(model, run->cwd));
    set(object, "language", text(model, run->language));
    set(object, "started", text(model, ol_number_stamp(&model->pool, run->started_ns)));
    set(object, "recorder", text(model, run->version));
    set(object, "record", text(model, run->path));
    set(object, "damage", text(model, run->damage));
    set(object, "processes", processes_of(run));
    set(object, "loops", loops);
    set(object, "blind_spots", blind_spots_of(model, run));
    return object;
}

/* Hits by rule. */
static json_t *by_rule(struct ol_model *model)
{
    json_t *object = json_object();
    for (size_t i = 0; i < model->violation_count + model->hidden; i++) {
        const struct ol_violation *violation = &model->violations[i];
        const char *rule = ol_plain_utf8(&model->pool, violation->rule);
        uint64_t before = (uint64_t)json_integer_value(json_object_get(object, rule));
        set(object, rule, number(before + violation->count));
    }
    return object;
}

/* The same allow rule stands in each record of a run: its hits are added. */
static json_t *suppressed(struct ol_model *model)
{
    json_t *array = json_array(), *places = json_object();
    for (const struct ol_run *run = model->runs; run; run = run->next)
        for (size_t i = 0; i < run->suppressed_count; i++) {
            const char *rule = run->suppressed[i].rule
                                   ? ol_plain_utf8(&model->pool, run->suppressed[i].rule)
                                   : "?";
            json_t *object = json_object_get(places, rule);
            uint64_t before = (uint64_t)json_integer_value(json_object_get(object, "hits"));
            if (!object) {
                object = json_object();
                set(object, "rule", json_string(rule));
                json_object_set(places, rule, object);
                json_array_append_new(array, object);
            }
            set(object, "hits", number(before + run->suppressed[i].hits));
            set(object, "unused", json_boolean(before + run->suppressed[i].hits == 0));
        }
    json_decref(places);
    return array;
}

/* Sites that it knows and that are new, and its lines that are gone. */
static json_t *baseline_of(struct ol_model *model)
{
    const struct ol_baseline *baseline = model->baseline;
    json_t *object = json_object(), *gone = json_array();
    for (size_t i = 0; !baseline->doubt && i < baseline->count; i++)
        if (baseline->lines[i].gone)
            json_array_append_new(gone, json_string(baseline->lines[i].id));
    set(object, "file", text(model, baseline->path));
    set(object, "new", number(baseline->added));
    set(object, "known", number(baseline->known));
    set(object, "gone", gone);
    return object;
}

static json_t *dropped_by(struct ol_model *model)
{
    json_t *object = json_object();
    set(object, "hits", number(ol_model_hits_lost(model)));
    for (int id = 0; id < OL_SECTION_COUNT; id++)
        set(object, ol_reader_section_names[id],
            number(ol_model_lost(model, (enum ol_section_id)id)));
    return object;
}

static json_t *totals_of(struct ol_model *model)
{
    const struct ol_totals *totals = &model->totals;
    json_t *object = json_object(), *severities = json_object();
    for (int i = 0; i < OL_SEVERITY_COUNT; i++)
        set(severities, ol_severity_names[i], number(totals->by_severity[i]));
    set(object, "sites", number(totals->sites));
    set(object, "hits", number(totals->hits));
    set(object, "time_ns", number(totals->time_ns));
    set(object, "by_severity", severities);
    set(object, "by_rule", by_rule(model));
    set(object, "hidden", number(model->hidden));
    set(object, "dropped", number(totals->dropped));
    set(object, "dropped_by", dropped_by(model));
    set(object, "suppressed", suppressed(model));
    if (model->baseline)
        set(object, "baseline", baseline_of(model));
    return object;
}

/* One value a line, so that diffs stay readable. */
static void write_value(FILE *out, json_t *value)
{
    ol_outlet_json(out, value, JSON_COMPACT);
}

static void write_runs(struct ol_model *model, FILE *out)
{
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        fputs(run == model->runs ? "\n" : ",\n", out);
        write_value(out, run_of(model, run));
    }
}

static void write(struct ol_model *model, FILE *out)
{
    fputs("{\"schema\":\"offloop.report/1\",\n\"offloop\":\"" OFFLOOP_VERSION "\",\n\"runs\":[",
          out);
    write_runs(model, out);
    fputs("\n],\n\"violations\":[", out);
    ol_json_put_violations(model, out);
    fputs("\n],\n\"totals\":", out);
    write_value(out, totals_of(model));
    fputs("}\n", out);
}

const struct ol_format ol_format_json = {
    .name = "json",
    .suffix = ".json",
    .text = "all of it as data: schema offloop.report/1",
    .write = write,
};
