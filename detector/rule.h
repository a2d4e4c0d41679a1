/* SPDX-License-Identifier: MIT */
/* Rules by number: the rows of rules.def, then those that rules files add. Numbers are of this
 * process only. */
#ifndef OFFLOOP_RULE_H
#define OFFLOOP_RULE_H

#include <stdbool.h>

#include "tables.h"

#define OL_RULE_MAX 2000   /* rules in all: a number fits the 12 bits of a cache word (site.c) */
#define OL_RULE_ANY 0xffff /* in lists of rules: each of them */

/* Rules there are. Grows while rules files are read: at start, and by one thread at a time when a
 * pack is needed later. */
unsigned ol_rule_count(void);

/* The row of a rule below ol_rule_count(). */
const struct ol_rule_row *ol_rule_row(unsigned rule);

/* The rule of that name, of either sort, or -1. */
int ol_rule_named(const char *name);

/* Adds a rule of a user's; its strings are kept. The number of the one that has the name already,
 * if any; -1: no room. */
int ol_rule_add(const struct ol_rule_row *row);

/* Forgets those that were added. */
void ol_rule_clear(void);

#endif
