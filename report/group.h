/* SPDX-License-Identifier: MIT */
/* The same site once, worst first. */
#ifndef OFFLOOP_GROUP_H
#define OFFLOOP_GROUP_H

#include "model.h"

enum ol_group_order { OL_GROUP_BY_TIME, OL_GROUP_BY_COUNT, OL_GROUP_BY_MAX };

/* "time", "count" or "max" as an order; false for another word. */
bool ol_group_parse(const char *word, enum ol_group_order *order);

/* Makes one violation of all that have the same id and line (counters added, words of the longest
 * hit kept, of equal ones the earliest), and sums them up. */
void ol_group_merge(struct ol_model *model);

/* The same with the lines of one function together: one violation an id. */
void ol_group_merge_lines(struct ol_model *model);

/* Hides violations below that severity: they go behind the others, `hidden` counts them, and the
 * totals stay, while the sums by rule become those of what is left. Sort after it. */
void ol_group_filter(struct ol_model *model, enum ol_severity least);

/* Worst first, and what a baseline does not know before what it knows; equal ones by id, so that
 * the same records give the same report. */
void ol_group_sort(struct ol_model *model, enum ol_group_order order);

#endif
