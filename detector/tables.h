/* SPDX-License-Identifier: MIT */
/* The tables of the detector as C: families, rules, actions and calls, expanded from their .def
 * files.
 *
 * Used by both halves: the preloaded library judges by them, the command explains by them. All of
 * it is constant data, safe to read from anywhere, signal handlers included. Ids are the order of
 * the rows and never leave the process: records carry names, of actions their numbers. */
#ifndef OFFLOOP_TABLES_H
#define OFFLOOP_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

enum ol_family {
#define FAMILY(id, name, text) OL_FAMILY_##id,
#include "families.def"
#undef FAMILY
    OL_FAMILY_COUNT
};

enum ol_rule {
#define RULE(id, name, kind, family, severity, slow_only, what, hint) OL_RULE_##id,
#include "rules.def"
#undef RULE
    OL_RULE_COUNT
};

struct ol_family_row {
    const char *name; /* as users write it: "loop-api" */
    const char *text;
};

struct ol_rule_row {
    const char *name;
    enum ol_kind kind;
    enum ol_family family;
    enum ol_severity severity;
    bool slow_only;
    const char *what; /* what is wrong, a clause without a subject */
    const char *hint; /* what to do instead */
};

/* What a caller sees when a call is blocked. The words stand in `offloop explain`. */
enum ol_fail {
#define FAIL(id, can_block, text) OL_FAIL_##id,
#include "fails.def"
#undef FAIL
    OL_FAIL_COUNT
};

struct ol_fail_row {
    bool can_block; /* false: `block` acts as `backtrace` for this function */
    const char *text;
};

/* What a policy does about a rule, mildest first: a later one is stricter. In records it has its
 * number. */
enum ol_action {
#define ACTION(id, number, text) OL_ACTION_##id,
#include "actions.def"
#undef ACTION
    OL_ACTION_COUNT
};

struct ol_action_row {
    const char *name; /* as users write it: "backtrace" */
    const char *text;
    uint8_t number; /* in records */
};

struct ol_call_row {
    const char *symbol; /* the exported ELF symbol: "__open64_2" */
    const char *name;   /* the function as users know it: "open" */
    enum ol_rule rule;
    enum ol_fail fail;
};

enum ol_call_id {
#define ROW(symbol, name, rule, fail) OL_CALL_##symbol,
#include "calls_rows.h"
#undef ROW
    OL_CALL_COUNT
};

extern const struct ol_family_row ol_families[OL_FAMILY_COUNT];
extern const struct ol_rule_row ol_rules[OL_RULE_COUNT];
extern const struct ol_fail_row ol_fails[OL_FAIL_COUNT];
extern const struct ol_action_row ol_actions[OL_ACTION_COUNT];
extern const struct ol_call_row ol_calls[OL_CALL_COUNT];

extern const char
    *const ol_kind_names[OL_KIND_COUNT]; /* "blocking", "loop-only", … by enum ol_kind */
extern const char *const ol_severity_names[OL_SEVERITY_COUNT]; /* "note", "warning", "error" */
extern const char *const ol_phase_names[OL_PHASE_COUNT];       /* "running", "import", "shutdown" */

/* Whether an argument of such a call is said in words ("10 ms", "held by thread 7"), and so stands
 * without quotes. Names as in the tables; `family` may be any other. */
bool ol_tables_is_in_words(const char *family, const char *kind, const char *argument);

/* The action of that number in a record, or -1. */
int ol_tables_action(uint8_t number);

/* The rule of that name, or -1. */
int ol_tables_rule(const char *name);

#endif
