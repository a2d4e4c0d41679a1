/* SPDX-License-Identifier: MIT */
/* The violations of the report as data. */
#include "../memo.h"
#include "../number.h"
#include "../phrase.h"
#include "../runtime/runtime.h"
#include "json.h"

struct writer {
    struct ol_model *model;
    struct ol_stream *stream;
    struct ol_stream frames; /* the texts that `known` keeps */
    struct ol_memo known;
};

static void put_text(struct writer *writer, struct ol_stream *stream, const char *name,
                     const char *bytes)
{
    ol_json_put_text(writer->model, stream, name, bytes);
}

static void put_line(struct ol_stream *stream, uint32_t line)
{
    if (line)
        ol_stream_number(stream, "line", line);
    else
        ol_stream_text(stream, "line", NULL);
}

static const char *make_frame(struct writer *writer, const struct ol_frame *frame)
{
    struct ol_stream *stream = &writer->frames;
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "kind", ol_runtime_kind(frame));
    put_text(writer, stream, "function", frame->function);
    put_text(writer, stream, "file", frame->file);
    put_line(stream, frame->line);
    put_text(writer, stream, "module", frame->module);
    if (frame->kind == OL_FRAME_native)
        ol_stream_count(stream, "offset", frame->offset);
    else
        ol_stream_text(stream, "offset", NULL);
    put_text(writer, stream, "build_id", frame->build_id);
    if (frame->inlined)
        ol_stream_bool(stream, "inlined", true);
    ol_stream_close(stream, '}');
    return ol_stream_fetch(stream);
}

static void put_stack(struct writer *writer, const struct ol_violation *violation)
{
    ol_stream_open(writer->stream, "stack", '[');
    for (size_t i = 0; i < violation->frame_count; i++) {
        const struct ol_frame *frame = violation->frames[i];
        const char *known = ol_memo_find(&writer->known, frame);
        if (!known)
            known = ol_memo_keep(&writer->known, frame, make_frame(writer, frame));
        ol_stream_value(writer->stream, NULL, known);
    }
    ol_stream_close(writer->stream, ']');
}

static void put_culprit(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    const struct ol_frame *frame = violation->culprit;
    if (!frame) {
        ol_stream_text(stream, "culprit", NULL);
        return;
    }
    ol_stream_open(stream, "culprit", '{');
    put_text(writer, stream, "file", frame->file);
    put_line(stream, frame->line);
    put_text(writer, stream, "function", frame->function);
    put_text(writer, stream, "module", frame->module);
    put_text(writer, stream, "owner", violation->owner);
    ol_stream_close(stream, '}');
}

static void put_thread(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    ol_stream_open(stream, "thread", '{');
    ol_stream_number(stream, "tid", violation->tid);
    put_text(writer, stream, "name", violation->thread);
    ol_stream_bool(stream, "on_loop", violation->on_loop);
    ol_stream_bool(stream, "worker", violation->worker);
    ol_stream_close(stream, '}');
}

static void put_call(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    put_text(writer, stream, "id", violation->id);
    put_text(writer, stream, "rule", violation->rule);
    put_text(writer, stream, "kind", violation->kind);
    put_text(writer, stream, "family", violation->family);
    ol_stream_text(stream, "severity", ol_severity_names[violation->severity]);
    put_text(writer, stream, "function", violation->function);
    put_text(writer, stream, "api", violation->api);
    put_text(writer, stream, "argument", violation->argument);
    ol_stream_text(stream, "action", ol_actions[violation->action].name);
}

static void put_counters(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    struct obstack *pool = &writer->model->pool;
    ol_stream_bool(stream, "blocked", violation->blocked != 0);
    ol_stream_count(stream, "blocked_count", violation->blocked);
    ol_stream_count(stream, "count", violation->count);
    ol_stream_count(stream, "total_ns", violation->total_ns);
    ol_stream_count(stream, "max_ns", violation->max_ns);
    ol_stream_count(stream, "waits", violation->waits);
    ol_stream_count(stream, "major_faults", violation->major_faults);
    ol_stream_text(stream, "first", ol_number_stamp(pool, violation->first_ns));
    ol_stream_text(stream, "last", ol_number_stamp(pool, violation->last_ns));
}

static void put_violation(struct writer *writer, const struct ol_violation *violation)
{
    struct ol_stream *stream = writer->stream;
    struct ol_model *model = writer->model;
    ol_stream_open(stream, NULL, '{');
    put_call(writer, violation);
    put_counters(writer, violation);
    ol_stream_number(stream, "pid", violation->pid);
    put_thread(writer, violation);
    ol_stream_text(stream, "phase", ol_phase_names[violation->phase]);
    put_culprit(writer, violation);
    put_text(writer, stream, "hint", violation->hint);
    if (violation->allowed_by)
        put_text(writer, stream, "allowed_by", violation->allowed_by);
    put_text(writer, stream, "help",
             ol_phrase_help(&model->pool, violation->family, violation->rule));
    if (model->baseline)
        ol_stream_bool(stream, "known", violation->known);
    put_stack(writer, violation);
    ol_stream_close(stream, '}');
}

void ol_json_put_violations(struct ol_model *model, struct ol_stream *stream, FILE *out)
{
    struct writer writer = {.model = model, .stream = stream};
    ol_stream_begin(&writer.frames);
    ol_stream_open(stream, "violations", '[');
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        ol_stream_line(stream);
        put_violation(&writer, &model->violations[i]);
        ol_stream_flush(stream, out);
        obstack_free(&model->pool, mark);
    }
    ol_stream_break(stream);
    ol_stream_close(stream, ']');
    ol_memo_end(&writer.known);
    ol_stream_end(&writer.frames);
}
