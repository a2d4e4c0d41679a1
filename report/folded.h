/* SPDX-License-Identifier: MIT */
/* Folded stacks: one line a site, "outermost;…;innermost VALUE", for flamegraph.pl and speedscope.
 */
#ifndef OFFLOOP_FOLDED_H
#define OFFLOOP_FOLDED_H

#include <stdio.h>

#include "model.h"

/* The value is the time lost in nanoseconds. The outermost word is the program and its thread, the
 * innermost the call. */
void ol_folded_write(struct ol_model *model, FILE *out);

#endif
