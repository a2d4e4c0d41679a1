/* SPDX-License-Identifier: MIT */
/* How text goes out: the one place that knows what each kind of output takes for syntax.
 *
 * Whatever is given may be anybody's bytes. First they are made plain (plain.h), so no control, no
 * mark that turns or hides text and no bad UTF-8 goes out; then what the outlet takes for syntax is
 * written in its own way of saying "this is text". Nothing is dropped. */
#ifndef OFFLOOP_OUTLET_H
#define OFFLOOP_OUTLET_H

#include <stdio.h>

struct obstack;

enum ol_outlet {
    OL_OUTLET_line,            /* a terminal, a log */
    OL_OUTLET_xml,             /* content and attributes */
    OL_OUTLET_markdown,        /* also in a table's cell, also where HTML is understood */
    OL_OUTLET_folded,          /* a frame of a folded stack */
    OL_OUTLET_github_message,  /* of a workflow command */
    OL_OUTLET_github_property, /* of a workflow command */
    OL_OUTLET_COUNT
};

void ol_outlet_put(FILE *out, enum ol_outlet outlet, const char *bytes);

/* The same in the pool. */
const char *ol_outlet_text(struct obstack *pool, enum ol_outlet outlet, const char *bytes);

/* From now on each message that is printed to the stream `stderr` goes out as one line: for what
 * others print there (argp names the words that it does not know). Gives back what it was. */
FILE *ol_outlet_guard_stderr(void);
void ol_outlet_unguard_stderr(FILE *before);

#endif
