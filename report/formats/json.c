/* SPDX-License-Identifier: MIT */
/* The report as data: runs and totals; violations by json_violation.c. */
#include "json.h"

#include "../baseline.h"
#include "../number.h"
#include "../plain.h"

void ol_json_put_text(struct ol_model *model, struct ol_stream *stream, const char *name,
                      const char *bytes)
{
    ol_stream_text(stream, name, bytes ? ol_plain_utf8(&model->pool, bytes) : NULL);
}

static void put_loop(struct ol_model *model, struct ol_stream *stream, const struct ol_loop *loop)
{
    ol_stream_open(stream, NULL, '{');
    ol_stream_number(stream, "pid", loop->pid);
    ol_stream_number(stream, "tid", loop->tid);
    ol_json_put_text(model, stream, "name", loop->name);
    ol_json_put_text(model, stream, "wait", loop->wait);
    ol_stream_count(stream, "threads", loop->threads);
    ol_stream_count(stream, "loops", loop->loops);
    ol_stream_bool(stream, "worker", loop->worker);
    ol_stream_bool(stream, "judged", loop->judged);
    ol_stream_count(stream, "turns", loop->turns);
    ol_stream_count(stream, "busy_ns", loop->busy_ns);
    ol_stream_count(stream, "longest_turn_ns", loop->longest_turn_ns);
    ol_stream_count(stream, "p50_ns", loop->p50_ns);
    ol_stream_count(stream, "p99_ns", loop->p99_ns);
    ol_stream_count(stream, "stalls", loop->stalls);
    ol_stream_close(stream, '}');
}

static void put_processes(struct ol_stream *stream, const struct ol_run *run)
{
    ol_stream_open(stream, "processes", '[');
    for (size_t i = 0; i < run->process_count; i++) {
        const struct ol_process *process = &run->processes[i];
        ol_stream_open(stream, NULL, '{');
        ol_stream_number(stream, "pid", process->pid);
        ol_stream_number(stream, "parent", process->parent);
        if (process->ended)
            ol_stream_number(stream, "exit_status", process->exit_status);
        else
            ol_stream_text(stream, "exit_status", NULL);
        ol_stream_close(stream, '}');
    }
    ol_stream_close(stream, ']');
}

static void put_loops(struct ol_model *model, struct ol_stream *stream, const struct ol_run *run)
{
    ol_stream_open(stream, "loops", '[');
    for (size_t i = 0; i < run->loop_count; i++)
        put_loop(model, stream, &run->loops[i]);
    ol_stream_close(stream, ']');
}

static void put_blind_spots(struct ol_model *model, struct ol_stream *stream,
                            const struct ol_run *run)
{
    ol_stream_open(stream, "blind_spots", '[');
    for (size_t i = 0; i < run->blind_spot_count; i++) {
        ol_stream_open(stream, NULL, '{');
        ol_json_put_text(model, stream, "what", run->blind_spots[i].what);
        ol_json_put_text(model, stream, "why", run->blind_spots[i].why);
        ol_stream_close(stream, '}');
    }
    ol_stream_close(stream, ']');
}

static void put_run(struct ol_model *model, struct ol_stream *stream, const struct ol_run *run)
{
    ol_stream_open(stream, NULL, '{');
    ol_stream_number(stream, "pid", run->pid);
    ol_json_put_text(model, stream, "exe", run->exe);
    ol_json_put_text(model, stream, "argv", run->argv);
    ol_json_put_text(model, stream, "cwd", run->cwd);
    ol_json_put_text(model, stream, "language", run->language);
    ol_stream_text(stream, "started", ol_number_stamp(&model->pool, run->started_ns));
    ol_json_put_text(model, stream, "recorder", run->version);
    ol_json_put_text(model, stream, "record", run->path);
    ol_json_put_text(model, stream, "damage", run->damage);
    put_processes(stream, run);
    put_loops(model, stream, run);
    put_blind_spots(model, stream, run);
    ol_stream_close(stream, '}');
}

static void put_by_severity(struct ol_stream *stream, const struct ol_totals *totals)
{
    ol_stream_open(stream, "by_severity", '{');
    for (int i = 0; i < OL_SEVERITY_COUNT; i++)
        ol_stream_count(stream, ol_severity_names[i], totals->by_severity[i]);
    ol_stream_close(stream, '}');
}

/* Hits by rule. */
static void put_by_rule(struct ol_model *model, struct ol_stream *stream)
{
    ol_stream_open(stream, "by_rule", '{');
    for (size_t i = 0; i < model->sums.rule_count; i++) {
        ol_stream_key(stream, ol_plain_utf8(&model->pool, model->sums.rules[i].rule));
        ol_stream_count(stream, NULL, model->sums.rules[i].all_hits);
    }
    ol_stream_close(stream, '}');
}

static void put_dropped_by(struct ol_model *model, struct ol_stream *stream)
{
    ol_stream_open(stream, "dropped_by", '{');
    ol_stream_count(stream, "hits", ol_model_hits_lost(model));
    for (int id = 0; id < OL_SECTION_COUNT; id++)
        ol_stream_count(stream, ol_reader_section_names[id],
                        ol_model_lost(model, (enum ol_section_id)id));
    ol_stream_close(stream, '}');
}

static void put_suppressed(struct ol_model *model, struct ol_stream *stream)
{
    ol_stream_open(stream, "suppressed", '[');
    for (size_t i = 0; i < model->sums.suppressed_count; i++) {
        const struct ol_suppressed *allow = &model->sums.suppressed[i];
        ol_stream_open(stream, NULL, '{');
        ol_json_put_text(model, stream, "rule", allow->rule);
        ol_stream_count(stream, "hits", allow->hits);
        ol_stream_bool(stream, "unused", !allow->hits);
        ol_stream_close(stream, '}');
    }
    ol_stream_close(stream, ']');
}

/* Violations that it knows and that are new, and its lines that are gone. */
static void put_baseline(struct ol_model *model, struct ol_stream *stream)
{
    const struct ol_baseline *baseline = model->baseline;
    ol_stream_open(stream, "baseline", '{');
    ol_json_put_text(model, stream, "file", baseline->path);
    ol_stream_count(stream, "new", baseline->added);
    ol_stream_count(stream, "known", baseline->known);
    ol_stream_open(stream, "gone", '[');
    for (size_t i = 0; !baseline->doubt && i < baseline->count; i++)
        if (baseline->lines[i].gone)
            ol_stream_text(stream, NULL, baseline->lines[i].id);
    ol_stream_close(stream, ']');
    ol_stream_close(stream, '}');
}

static void put_totals(struct ol_model *model, struct ol_stream *stream)
{
    const struct ol_totals *totals = &model->totals;
    ol_stream_open(stream, "totals", '{');
    ol_stream_count(stream, "sites", totals->sites);
    ol_stream_count(stream, "hits", totals->hits);
    ol_stream_count(stream, "time_ns", totals->time_ns);
    put_by_severity(stream, totals);
    put_by_rule(model, stream);
    ol_stream_count(stream, "hidden", model->hidden);
    ol_stream_count(stream, "dropped", totals->dropped);
    put_dropped_by(model, stream);
    put_suppressed(model, stream);
    if (model->baseline)
        put_baseline(model, stream);
    ol_stream_close(stream, '}');
}

/* One run and one violation a line, so that diffs stay readable. */
static void write(struct ol_model *model, FILE *out)
{
    struct ol_stream stream;
    ol_stream_begin(&stream);
    ol_stream_open(&stream, NULL, '{');
    ol_stream_text(&stream, "schema", "offloop.report/1");
    ol_stream_line(&stream);
    ol_stream_text(&stream, "offloop", OFFLOOP_VERSION);
    ol_stream_line(&stream);
    ol_stream_open(&stream, "runs", '[');
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        ol_stream_line(&stream);
        put_run(model, &stream, run);
        ol_stream_flush(&stream, out);
    }
    ol_stream_break(&stream);
    ol_stream_close(&stream, ']');
    ol_stream_line(&stream);
    ol_json_put_violations(model, &stream, out);
    ol_stream_line(&stream);
    put_totals(model, &stream);
    ol_stream_close(&stream, '}');
    ol_stream_flush(&stream, out);
    fputc('\n', out);
    ol_stream_end(&stream);
}

const struct ol_format ol_format_json = {
    .name = "json",
    .suffix = ".json",
    .text = "all of it as data: schema offloop.report/1",
    .write = write,
};
