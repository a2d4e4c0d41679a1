/* SPDX-License-Identifier: MIT */
/* Which allow rule, if any, suppresses a call. Asked for stacks that were not seen before, and,
 * for rules that look at the argument, at every hit. */
#ifndef OFFLOOP_ALLOW_H
#define OFFLOOP_ALLOW_H

#include <stdbool.h>

#include "argument.h"
#include "ruleset.h"
#include "stack.h"

/* The index of the first allow rule that covers it, or -1. `argument` is in words. */
int ol_allow_find(unsigned rule, const char *argument, const struct ol_stack_words *words);

/* The allow rule that covers the path and asks for nothing else, or -1: no stack needed. The path
 * is read where the caller left it; its first byte can be read. */
int ol_allow_by_path(unsigned rule, const char *path);

/* Some allow rule for this rule looks at the argument: what was decided for a stack is not true for
 * its next hit. `asked`: ol_allow_by_path has judged the argument. */
bool ol_allow_depends_on_argument(unsigned rule, bool asked);

/* Writes all allow rules into a new record, in their order, and sorts out those of a path. */
void ol_allow_note_all(void);

/* Counts a hit that the allow rule of that index suppressed; takes one back that it did not
 * suppress after all. */
void ol_allow_count(unsigned index);
void ol_allow_take_back(unsigned index);

/* Its line as written, in the record. */
ol_string ol_allow_text(unsigned index);

#endif
