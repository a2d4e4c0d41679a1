/* SPDX-License-Identifier: MIT */
/* Stacks of the HTML report as a tree that grows from the outermost frames, so that what many sites
 * share is written once; the flame graph is this tree. */
#include <string.h>

#include "../say.h"
#include "../source.h"
#include "html_data.h"

#define AROUND 3               /* source lines shown before and after the user's own */
#define SOURCE_MAX (16u << 20) /* bytes of source lines in one page */
#define TAB 4

/* Keys of the tables: without holes, since they are compared as bytes. */
struct ol_html_frame {
    uint32_t kind, owner_class, inlined, line;
    uint32_t function, file, module, unused;
    uint64_t offset; /* only where nothing better names the frame */
};

struct ol_html_node {
    uint32_t parent; /* number + 1 */
    uint32_t frame;
};

struct ol_html_line {
    uint32_t file, line;
};

static uint32_t text_of(struct ol_html_data *data, const char *text, size_t length)
{
    text = ol_source_mask(&data->pool, text, length);
    for (; *text; text++)
        if (*text == '\t')
            obstack_grow(&data->pool, "    ", TAB);
        else
            obstack_1grow(&data->pool, *text);
    obstack_1grow(&data->pool, '\0');
    return ol_html_string(data, obstack_finish(&data->pool));
}

static void add_line(struct ol_html_data *data, const struct ol_run *run, const char *file,
                     uint32_t line)
{
    struct ol_html_line key = {ol_html_string(data, file), line};
    size_t length;
    bool added;
    const char *text = ol_source_raw(data->model->sources, run->cwd, file, line, &length);
    uint32_t number = text ? ol_intern_add(&data->lines, &key, sizeof key, &added) : 0;
    if (!text || !added)
        return;
    if (number >= data->text_room) {
        data->text_room = 2 * data->text_room + 1024;
        data->texts = ol_say_realloc(data->texts, data->text_room, sizeof *data->texts);
    }
    data->texts[number] = text_of(data, text, length);
    data->text_size += length;
}

/* The user's own frames get the lines around them too. */
static void add_lines(struct ol_html_data *data, const struct ol_run *run,
                      const struct ol_frame *frame, bool culprit)
{
    uint32_t around = culprit || frame->owner_class == OL_CODE_user ? AROUND : 0;
    uint32_t first = frame->line > around ? frame->line - around : 1;
    if (!frame->file || !frame->line || data->text_size > SOURCE_MAX)
        return;
    for (uint32_t line = first; line - first <= 2 * around && line >= first; line++)
        add_line(data, run, frame->file, line);
}

static uint32_t frame_of(struct ol_html_data *data, const struct ol_run *run,
                         const struct ol_frame *frame, bool culprit)
{
    struct ol_html_frame key = {
        .kind = frame->kind,
        .owner_class = frame->owner_class,
        .inlined = frame->inlined,
        .line = frame->line,
        .function = ol_html_string(data, frame->function),
        .file = ol_html_string(data, frame->file),
        .module = ol_html_string(data, frame->module),
        .offset = frame->file ? 0 : frame->offset,
    };
    bool added;
    uint32_t number = ol_intern_add(&data->frames, &key, sizeof key, &added);
    if (added || culprit)
        add_lines(data, run, frame, culprit);
    return number;
}

uint32_t ol_html_stack(struct ol_html_data *data, const struct ol_violation *violation,
                       uint32_t *culprit)
{
    struct ol_html_node node = {0};
    *culprit = 0;
    for (size_t i = violation->frame_count; i-- > 0;) {
        const struct ol_frame *frame = violation->frames[i];
        node.frame = frame_of(data, violation->run, frame, frame == violation->culprit);
        if (frame == violation->culprit)
            *culprit = node.frame + 1;
        node.parent = ol_intern_add(&data->nodes, &node, sizeof node, NULL) + 1;
    }
    return node.parent;
}

static void put_frame(struct ol_html_data *data, const struct ol_html_frame *frame)
{
    const uint64_t row[] = {
        frame->kind,   frame->function,    frame->file,    frame->line,
        frame->module, frame->owner_class, frame->inlined, frame->offset >> 53 ? 0 : frame->offset};
    ol_stream_open(&data->stream, NULL, '[');
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        ol_html_put(data, row[i]);
    ol_stream_close(&data->stream, ']');
}

void ol_html_put_stacks(struct ol_html_data *data)
{
    ol_stream_open(&data->stream, "nodes", '[');
    for (size_t i = 0; i < data->nodes.count; i++) {
        const struct ol_html_node *node = data->nodes.entries[i].bytes;
        ol_html_put(data, node->parent);
        ol_html_put(data, node->frame);
    }
    ol_stream_close(&data->stream, ']');
    ol_stream_open(&data->stream, "frames", '[');
    for (size_t i = 0; i < data->frames.count; i++) {
        put_frame(data, data->frames.entries[i].bytes);
        ol_stream_flush(&data->stream, data->out);
    }
    ol_stream_close(&data->stream, ']');
    ol_stream_open(&data->stream, "lines", '[');
    for (size_t i = 0; i < data->lines.count; i++) {
        const struct ol_html_line *line = data->lines.entries[i].bytes;
        ol_html_put(data, line->file);
        ol_html_put(data, line->line);
        ol_html_put(data, data->texts[i]);
    }
    ol_stream_close(&data->stream, ']');
}
