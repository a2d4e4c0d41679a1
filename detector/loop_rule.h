/* SPDX-License-Identifier: MIT */
/* `loop` and `no-loop` lines of rules files: which threads are loops, by their name or by the
 * library that waits. Kept at start; asked when a thread that is no loop waits as loops do. No
 * allocation.
 */
#ifndef OFFLOOP_LOOP_RULE_H
#define OFFLOOP_LOOP_RULE_H

#include <stdbool.h>

struct ol_loop_rule {
    const char *condition; /* as written */
    const char *glob;
    bool by_caller;
    bool no;
};

#define OL_LOOP_RULES 32

/* Keeps `thread=GLOB` or `caller=GLOB`, which must stay there; `no`: of a no-loop line. What is
 * wrong with it, or NULL. */
const char *ol_loop_rule_add(bool no, const char *condition);
void ol_loop_rule_clear(void);

/* The first rule of that sort that covers the text: the name of a thread, or the file name of a
 * library; whether there is any. */
const struct ol_loop_rule *ol_loop_rule_find(bool by_caller, bool no, const char *text);
bool ol_loop_rule_has(bool by_caller, bool no);

/* How many no-loop lines there are. */
unsigned ol_loop_rule_forbidding(void);

#endif
