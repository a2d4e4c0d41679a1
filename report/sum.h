/* SPDX-License-Identifier: MIT */
/* The sums of a model, made once: reports print them. */
#ifndef OFFLOOP_SUM_H
#define OFFLOOP_SUM_H

#include "model.h"

/* Fills `totals` and `sums`, and what its violations did. For group.c, each time that it has
 * changed which violations there are; `totals` count all of them, also those that a filter hides.
 */
void ol_sum_up(struct ol_model *model);

#endif
