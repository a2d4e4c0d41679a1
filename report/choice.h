/* SPDX-License-Identifier: MIT */
/* Words that users choose from a list: severities, formats, rules, and what was meant by a wrong
 * one. */
#ifndef OFFLOOP_CHOICE_H
#define OFFLOOP_CHOICE_H

#include <stddef.h>

struct obstack;

/* ": did you mean 'X'?" with the name nearest to `typed`, or ": OTHERWISE" when none is near. In
 * the pool. */
const char *ol_choice_guess(struct obstack *pool, const char *typed, const char *const *names,
                            size_t count, const char *otherwise);

/* A severity by name; "never" is OL_SEVERITY_COUNT, which nothing reaches; -1 for any other word.
 */
int ol_choice_severity(const char *name);

/* All rule names, by enum ol_rule. In the pool. */
const char *const *ol_choice_rules(struct obstack *pool);

#endif
