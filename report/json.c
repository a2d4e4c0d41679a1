/* The report as data, by jansson. Called by output.c. */
#include "json.h"

#include <jansson.h>
#include <string.h>

#include "memo.h"
#include "moment.h"
#include "phrase.h"
#include "plain.h"

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

static json_t *line_number(uint32_t line)
{
    return line ? number(line) : json_null();
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
    set(object, "started", text(model, ol_moment_stamp(&model->pool, run->started_ns)));
    set(object, "recorder", text(model, run->version));
    set(object, "record", text(model, run->path));
    set(object, "damage", text(model, run->damage));
    set(object, "processes", processes_of(run));
    set(object, "loops", loops);
    set(object, "blind_spots", blind_spots_of(model, run));
    return object;
}

static const char *kind_of(const struct ol_frame *frame)
{
    static const char *const kinds[] = {"native", "python", "js"};
    return kinds[frame->kind];
}

static json_t *frame_of(struct ol_model *model, const struct ol_frame *frame)
{
    json_t *object = json_object();
    set(object, "kind", json_string(kind_of(frame)));
    set(object, "function", text(model, frame->function));
    set(object, "file", text(model, frame->file));
    set(object, "line", line_number(frame->line));
    set(object, "module", text(model, frame->module));
    set(object, "offset", frame->kind != OL_FRAME_native ? json_null() : number(frame->offset));
    set(object, "build_id", text(model, frame->build_id));
    if (frame->inlined)
        set(object, "inlined", json_true());
    return object;
}

static json_t *culprit_of(struct ol_model *model, const struct ol_violation *violation)
{
    const struct ol_frame *frame = violation->culprit;
    if (!frame)
        return json_null();
    json_t *object = json_object();
    set(object, "file", text(model, frame->file));
    set(object, "line", line_number(frame->line));
    set(object, "function", text(model, frame->function));
    set(object, "module", text(model, frame->module));
    set(object, "owner", text(model, violation->owner));
    return object;
}

static json_t *thread_of(struct ol_model *model, const struct ol_violation *violation)
{
    json_t *object = json_object();
    set(object, "tid", json_integer(violation->tid));
    set(object, "name", text(model, violation->thread));
    set(object, "on_loop", json_boolean(violation->on_loop));
    return object;
}

static void set_counters(struct ol_model *model, json_t *object,
                         const struct ol_violation *violation)
{
    set(object, "blocked", json_boolean(violation->blocked != 0));
    set(object, "blocked_count", number(violation->blocked));
    set(object, "count", number(violation->count));
    set(object, "total_ns", number(violation->total_ns));
    set(object, "max_ns", number(violation->max_ns));
    set(object, "waits", number(violation->waits));
    set(object, "major_faults", number(violation->major_faults));
    set(object, "first", text(model, ol_moment_stamp(&model->pool, violation->first_ns)));
    set(object, "last", text(model, ol_moment_stamp(&model->pool, violation->last_ns)));
}

static json_t *violation_of(struct ol_model *model, const struct ol_violation *violation)
{
    json_t *object = json_object();
    set(object, "id", text(model, violation->id));
    set(object, "rule", text(model, violation->rule));
    set(object, "kind", text(model, violation->kind));
    set(object, "family", text(model, violation->family));
    set(object, "severity", json_string(ol_severity_names[violation->severity]));
    set(object, "function", text(model, violation->function));
    set(object, "api", text(model, violation->api));
    set(object, "argument", text(model, violation->argument));
    set(object, "action", json_string(ol_action_names[violation->action]));
    set_counters(model, object, violation);
    set(object, "pid", json_integer(violation->pid));
    set(object, "thread", thread_of(model, violation));
    set(object, "phase", json_string(ol_phase_names[violation->phase]));
    set(object, "culprit", culprit_of(model, violation));
    set(object, "hint", text(model, violation->hint));
    set(object, "help",
        text(model, ol_phrase_help(&model->pool, violation->family, violation->rule)));
    if (model->baseline)
        set(object, "known", json_boolean(violation->known));
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
    return object;
}

int ol_json_put(const char *bytes, size_t size, void *out)
{
    return fwrite_unlocked(bytes, 1, size, out) == size ? 0 : -1;
}

/* One value a line, so that a report of any size needs memory for one site only, and diffs stay
 * readable. */
static void write_value(FILE *out, json_t *value)
{
    json_dump_callback(value, ol_json_put, out,
                       JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
    json_decref(value);
}

static void write_runs(struct ol_model *model, FILE *out)
{
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        fputs(run == model->runs ? "\n" : ",\n", out);
        write_value(out, run_of(model, run));
    }
}

static const char *frame_text(struct ol_model *model, struct ol_memo *frames,
                              const struct ol_frame *frame)
{
    const char *known = ol_memo_find(frames, frame);
    if (known)
        return known;
    json_t *object = frame_of(model, frame);
    char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(object);
    return ol_memo_keep(frames, frame, text);
}

/* The stack comes last: its frames stand ready as text. */
static void write_violation(struct ol_model *model, FILE *out, struct ol_memo *frames,
                            const struct ol_violation *violation)
{
    json_t *object = violation_of(model, violation);
    putc('{', out);
    json_dump_callback(object, ol_json_put, out, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_EMBED);
    json_decref(object);
    fputs(",\"stack\":[", out);
    for (size_t i = 0; i < violation->frame_count; i++) {
        fputs(i ? "," : "", out);
        fputs(frame_text(model, frames, violation->frames[i]), out);
    }
    fputs("]}", out);
}

static void write_violations(struct ol_model *model, FILE *out)
{
    struct ol_memo frames = {0};
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        fputs(i ? ",\n" : "\n", out);
        write_violation(model, out, &frames, &model->violations[i]);
        obstack_free(&model->pool, mark);
    }
    ol_memo_end(&frames);
}

void ol_json_write(struct ol_model *model, FILE *out)
{
    fputs("{\"schema\":\"offloop.report/1\",\n\"offloop\":\"" OFFLOOP_VERSION "\",\n\"runs\":[",
          out);
    write_runs(model, out);
    fputs("\n],\n\"violations\":[", out);
    write_violations(model, out);
    fputs("\n],\n\"totals\":", out);
    write_value(out, totals_of(model));
    fputs("}\n", out);
}
