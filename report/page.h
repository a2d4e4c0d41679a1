/* SPDX-License-Identifier: MIT */
/* The text report's paper: lines of styled pieces, as wide as the terminal, where nothing raw gets
 * through.
 *
 * A piece is made as printf does and shown as plain text (see plain.h), so what it is made of may
 * come from anywhere. A piece that does not fit in the rest of the line begins a new one, under the
 * indent. */
#ifndef OFFLOOP_PAGE_H
#define OFFLOOP_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "pool.h"

enum ol_style {
    OL_STYLE_PLAIN,
    OL_STYLE_BOLD,
    OL_STYLE_DIM,
    OL_STYLE_ERROR,
    OL_STYLE_WARNING,
    OL_STYLE_NOTE,
    OL_STYLE_PLACE,
    OL_STYLE_GOOD
};

struct ol_page {
    FILE *out;
    struct obstack *pool;
    size_t width;  /* columns */
    size_t indent; /* where lines that go on begin */
    size_t column;
    bool colored, utf8;
};

/* A page on `out`: coloured and as wide as the window when that is a terminal (NO_COLOR and COLUMNS
 * are honoured), 80 columns otherwise; box characters only where the user's locale is UTF-8. */
void ol_page_begin(struct ol_page *page, FILE *out, struct obstack *pool);

void ol_page_put(struct ol_page *page, enum ol_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Words of a sentence, broken between words. */
void ol_page_words(struct ol_page *page, enum ol_style style, const char *sentence);

/* Blanks up to that column, one at least when the line has something. */
void ol_page_tab(struct ol_page *page, size_t column);

/* Ends the line and begins the next at `indent`. */
void ol_page_line(struct ol_page *page, size_t indent);

/* The character for UTF-8 terminals, or its stand-in. */
const char *ol_page_mark(const struct ol_page *page, const char *utf8, const char *ascii);

#endif
