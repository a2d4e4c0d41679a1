/* SPDX-License-Identifier: MIT */
/* The one way to write JSON. The contract is in stream.h. */
#include "stream.h"

#include <string.h>

#include "plain.h"

void ol_stream_begin(struct ol_stream *stream)
{
    *stream = (struct ol_stream){0};
    ol_pool_begin(&stream->bytes);
}

void ol_stream_end(struct ol_stream *stream)
{
    ol_pool_end(&stream->bytes);
}

static void begin_value(struct ol_stream *stream, const char *name)
{
    if (stream->behind)
        obstack_1grow(&stream->bytes, ',');
    stream->behind = true;
    if (!name)
        return;
    obstack_1grow(&stream->bytes, '"');
    obstack_grow(&stream->bytes, name, strlen(name));
    obstack_grow(&stream->bytes, "\":", 2);
}

void ol_stream_open(struct ol_stream *stream, const char *name, char bracket)
{
    begin_value(stream, name);
    obstack_1grow(&stream->bytes, bracket);
    stream->behind = false;
}

void ol_stream_close(struct ol_stream *stream, char bracket)
{
    obstack_1grow(&stream->bytes, bracket);
    stream->behind = true;
}

void ol_stream_line(struct ol_stream *stream)
{
    if (stream->behind)
        obstack_1grow(&stream->bytes, ',');
    obstack_1grow(&stream->bytes, '\n');
    stream->behind = false;
}

void ol_stream_break(struct ol_stream *stream)
{
    obstack_1grow(&stream->bytes, '\n');
}

/* How many bytes stand for themselves. */
static size_t easy_run(const struct ol_stream *stream, const char *text)
{
    for (size_t length = 0;; length++) {
        unsigned char c = (unsigned char)text[length];
        bool markup = c == '<' || c == '>' || c == '&';
        if (c < ' ' || c >= 0x7f || c == '"' || c == '\\' || (markup && stream->html))
            return length;
    }
}

/* What can't stand for itself, and what would be acted on or hidden where somebody has the JSON
 * printed; returns the length of what it is. */
static size_t grow_special(struct obstack *bytes, const char *text)
{
    static const char control[] = "\b\t\n\f\r\"\\", named[] = "btnfr\"\\";
    const char *at = memchr(control, *text, sizeof control - 1);
    unsigned number = (unsigned char)*text;
    size_t length = number >= 0x7f ? ol_plain_hidden(text, &number) : 1;
    char escape[16];
    if (at)
        obstack_grow(bytes, escape,
                     (size_t)snprintf(escape, sizeof escape, "\\%c", named[at - control]));
    else if (length && number > 0xffff)
        obstack_grow(bytes, escape,
                     (size_t)snprintf(escape, sizeof escape, "\\u%04x\\u%04x",
                                      0xd7c0 + (number >> 10), 0xdc00 + (number & 0x3ff)));
    else if (length)
        obstack_grow(bytes, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", number));
    else
        obstack_1grow(bytes, *text);
    return length ? length : 1;
}

static void put_string(struct ol_stream *stream, const char *text)
{
    obstack_1grow(&stream->bytes, '"');
    for (;;) {
        size_t easy = easy_run(stream, text);
        obstack_grow(&stream->bytes, text, easy);
        text += easy;
        if (!*text)
            break;
        text += grow_special(&stream->bytes, text);
    }
    obstack_1grow(&stream->bytes, '"');
}

void ol_stream_text(struct ol_stream *stream, const char *name, const char *text)
{
    begin_value(stream, name);
    if (text)
        put_string(stream, text);
    else
        obstack_grow(&stream->bytes, "null", 4);
}

void ol_stream_key(struct ol_stream *stream, const char *text)
{
    begin_value(stream, NULL);
    put_string(stream, text);
    obstack_1grow(&stream->bytes, ':');
    stream->behind = false;
}

static void put_digits(struct ol_stream *stream, uint64_t number)
{
    char digits[20], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
    } while (number /= 10);
    obstack_grow(&stream->bytes, at, (size_t)(digits + sizeof digits - at));
}

void ol_stream_number(struct ol_stream *stream, const char *name, int64_t number)
{
    begin_value(stream, name);
    if (number < 0)
        obstack_1grow(&stream->bytes, '-');
    put_digits(stream, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void ol_stream_count(struct ol_stream *stream, const char *name, uint64_t count)
{
    begin_value(stream, name);
    put_digits(stream, count < INT64_MAX ? count : INT64_MAX);
}

void ol_stream_real(struct ol_stream *stream, const char *name, double number)
{
    char digits[40];
    int length = snprintf(digits, sizeof digits, "%.17g", number);
    begin_value(stream, name);
    obstack_grow(&stream->bytes, digits, (size_t)length);
    if (!strpbrk(digits, ".e"))
        obstack_grow(&stream->bytes, ".0", 2);
}

void ol_stream_bool(struct ol_stream *stream, const char *name, bool value)
{
    ol_stream_value(stream, name, value ? "true" : "false");
}

void ol_stream_value(struct ol_stream *stream, const char *name, const char *json)
{
    begin_value(stream, name);
    obstack_grow(&stream->bytes, json, strlen(json));
}

const char *ol_stream_fetch(struct ol_stream *stream)
{
    obstack_1grow(&stream->bytes, '\0');
    stream->behind = false;
    return obstack_finish(&stream->bytes);
}

void ol_stream_flush(struct ol_stream *stream, FILE *out)
{
    size_t size = obstack_object_size(&stream->bytes);
    char *bytes = obstack_finish(&stream->bytes);
    fwrite(bytes, 1, size, out);
    obstack_free(&stream->bytes, bytes);
}
