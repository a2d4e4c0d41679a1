/* SPDX-License-Identifier: MIT */
/* JSON, written while it is made: a report has hundreds of thousands of values, and a tree of them
 * first takes most of its time. Values are written in the order of the calls; `name` is the value's
 * name in its object, NULL in an array.
 *
 * Names are the program's own, plain ASCII without quotes; texts are valid UTF-8 (see plain.h). */
#ifndef OFFLOOP_STREAM_H
#define OFFLOOP_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pool.h"

struct ol_stream {
    struct obstack bytes;
    bool behind; /* a value stands before the next one: a comma is due */
    bool
        html; /* for a script element: "<", ">" and "&" are escaped, which JSON has in texts only */
};

void ol_stream_begin(struct ol_stream *stream);
void ol_stream_end(struct ol_stream *stream);

/* An object ('{') or array ('['), until the bracket that closes it ('}', ']'). */
void ol_stream_open(struct ol_stream *stream, const char *name, char bracket);
void ol_stream_close(struct ol_stream *stream, char bracket);

/* The next value begins a line: reports stay readable in a diff. */
void ol_stream_line(struct ol_stream *stream);

/* The next bracket begins a line. */
void ol_stream_break(struct ol_stream *stream);

/* NULL is null. */
void ol_stream_text(struct ol_stream *stream, const char *name, const char *text);
void ol_stream_number(struct ol_stream *stream, const char *name, int64_t number);
void ol_stream_bool(struct ol_stream *stream, const char *name, bool value);

void ol_stream_real(struct ol_stream *stream, const char *name, double number);

/* The name of the next value, which gets none then, where it is any text. */
void ol_stream_key(struct ol_stream *stream, const char *text);

/* Numbers above 2^63, which no clock or counter reaches, are cut there: JSON readers take no more.
 */
void ol_stream_count(struct ol_stream *stream, const char *name, uint64_t count);

/* A value that is JSON already. */
void ol_stream_value(struct ol_stream *stream, const char *name, const char *json);

/* The value that was written since the last one. It lives until ol_stream_end. */
const char *ol_stream_fetch(struct ol_stream *stream);

/* Writes what there is so far to `out`; memory is needed for the rest only. */
void ol_stream_flush(struct ol_stream *stream, FILE *out);

#endif
