/* SPDX-License-Identifier: MIT */
/* What a report can be written as. A format is one file of this folder, which defines
 * `ol_format_<name>`, and one row of formats.def: help, completion, man pages, guesses and tests
 * come from there.
 *
 * A format prints, and sums up nothing: what several of them say is in the model, or a sentence of
 * phrase.h. Whatever it shows may be anybody's bytes, and goes out by outlet.h, page.h or stream.h.
 */
#ifndef OFFLOOP_FORMAT_H
#define OFFLOOP_FORMAT_H

#include <stdio.h>

#include "../model.h"

struct ol_format {
    const char *name;
    const char *suffix; /* of files in it, ".html"; NULL: they have none of their own */
    const char *text;   /* one line of help: a clause */

    /* The whole report. The model is merged and sorted. */
    void (*write)(struct ol_model *model, FILE *out);
};

/* By index; NULL behind the last. */
const struct ol_format *ol_format_at(size_t index);

/* NULL: there is none of that name. */
const struct ol_format *ol_format_find(const char *name);

/* "text, json, … or folded". In the pool. */
const char *ol_format_names(struct obstack *pool);

/* A line for each, with its help. In the pool. */
const char *ol_format_help(struct obstack *pool);

#endif
