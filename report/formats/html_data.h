/* SPDX-License-Identifier: MIT */
/* The data of the HTML report: one JSON object, schema offloop.html/1, in which no byte could end
 * the script element that it stands in. Everything that repeats (strings, frames, stacks) stands in
 * tables once, and is named by its number there; string 0 is null.
 *
 * It is between the command and its own page only, and may change with every version. */
#ifndef OFFLOOP_HTML_DATA_H
#define OFFLOOP_HTML_DATA_H

#include <stdio.h>

#include "../intern.h"
#include "../model.h"
#include "../stream.h"

struct ol_html_data {
    FILE *out;
    struct ol_model *model;
    struct ol_stream stream;
    struct obstack pool;      /* for the tables */
    struct ol_intern strings; /* as recorded */
    struct ol_intern frames;  /* struct ol_html_frame */
    struct ol_intern nodes;   /* struct ol_html_node */
    struct ol_intern lines;   /* struct ol_html_line */
    uint32_t *texts;          /* of the lines, by their numbers: strings */
    size_t text_room;         /* of `texts` */
    size_t text_size;         /* bytes of source text so far */
};

void ol_html_data_write(struct ol_model *model, FILE *out);

/* Number of a string; NULL is 0. */
uint32_t ol_html_string(struct ol_html_data *data, const char *string);

/* The next number of an array; what JavaScript can't hold exactly is cut. */
void ol_html_put(struct ol_html_data *data, uint64_t number);

/* html_stack.c: the stack of a violation as the number of its innermost node + 1 (0: none), and
 * that of its culprit's frame + 1. */
uint32_t ol_html_stack(struct ol_html_data *data, const struct ol_violation *violation,
                       uint32_t *culprit);

/* html_stack.c: the tables of nodes, frames and source lines. */
void ol_html_put_stacks(struct ol_html_data *data);

#endif
