/* SPDX-License-Identifier: MIT */
/* The last line of a run: what was found, what was suppressed, and how to read on. */
#ifndef OFFLOOP_CLOSING_H
#define OFFLOOP_CLOSING_H

#include "model.h"

/* `3 violations, 232 hits, 4.65 s lost on 1 loop thread (2 suppressed)`, or `no violations on 1
 * loop thread (39 calls suppressed by 2 allow rules)`, or why nothing was judged. In the pool; the
 * model must be merged. */
const char *ol_closing_sentence(struct obstack *pool, struct ol_model *model);

/* Says that sentence of `program`, with the record to read: that of the run where there is one
 * alone, else `folder`, which is absolute. `said`: the verdict says what was not judged, and why;
 * here that is left out, and nothing is said where that would be all. */
void ol_closing_say(struct ol_model *model, const char *program, const char *folder, bool said);

/* A path as the user would type it here: relative where that is shorter, quoted where it has to be.
 * In the pool. */
const char *ol_closing_path(struct obstack *pool, const char *path);

#endif
