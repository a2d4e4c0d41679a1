/* SPDX-License-Identifier: MIT */
/* The tables as data, expanded from the .def files. Both halves link it. */
#include "tables.h"

#include <string.h>

const struct ol_family_row ol_families[OL_FAMILY_COUNT] = {
#define FAMILY(id, words, belongs) [OL_FAMILY_##id] = {.name = words, .text = belongs},
#include "families.def"
#undef FAMILY
};

const struct ol_rule_row ol_rules[OL_RULE_COUNT] = {
#define RULE(id, words, of_kind, of_family, how_bad, only_slow, wrong, way_out)                    \
    [OL_RULE_##id] = {.name = words,                                                               \
                      .kind = OL_KIND_##of_kind,                                                   \
                      .family = OL_FAMILY_##of_family,                                             \
                      .severity = OL_SEVERITY_##how_bad,                                           \
                      .slow_only = only_slow,                                                      \
                      .what = wrong,                                                               \
                      .hint = way_out},
#include "rules.def"
#undef RULE
};

const struct ol_fail_row ol_fails[OL_FAIL_COUNT] = {
#define FAIL(id, possible, words) [OL_FAIL_##id] = {.can_block = possible, .text = words},
#include "fails.def"
#undef FAIL
};

const struct ol_call_row ol_calls[OL_CALL_COUNT] = {
#define ROW(exported, known_as, of_rule, failure)                                                  \
    [OL_CALL_##exported] = {.symbol = #exported,                                                   \
                            .name = known_as,                                                      \
                            .rule = OL_RULE_##of_rule,                                             \
                            .fail = OL_FAIL_##failure},
#include "calls_rows.h"
#undef ROW
};

const struct ol_action_row ol_actions[OL_ACTION_COUNT] = {
#define ACTION(id, in_records, words)                                                              \
    [OL_ACTION_##id] = {.name = #id, .text = words, .number = in_records},
#include "actions.def"
#undef ACTION
};

const char *const ol_kind_names[OL_KIND_COUNT] = {
    [OL_KIND_blocking] = "blocking",
    [OL_KIND_loop_only] = "loop-only",
    [OL_KIND_off_loop_only] = "off-loop-only",
    [OL_KIND_stall] = "stall",
    [OL_KIND_misuse] = "misuse",
};
const char *const ol_severity_names[OL_SEVERITY_COUNT] = {
    [OL_SEVERITY_note] = "note",
    [OL_SEVERITY_warning] = "warning",
    [OL_SEVERITY_error] = "error",
};
const char *const ol_phase_names[OL_PHASE_COUNT] = {
    [OL_PHASE_running] = "running",
    [OL_PHASE_import] = "import",
    [OL_PHASE_shutdown] = "shutdown",
};

int ol_tables_action(uint8_t number)
{
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        if (ol_actions[i].number == number)
            return i;
    return -1;
}

int ol_tables_rule(const char *name)
{
    for (int i = 0; i < OL_RULE_COUNT; i++)
        if (strcmp(ol_rules[i].name, name) == 0)
            return i;
    return -1;
}

bool ol_tables_is_in_words(const char *family, const char *kind, const char *argument)
{
    if (argument[0] == '/')
        return false;
    return strcmp(kind, ol_kind_names[OL_KIND_blocking]) != 0 ||
           strcmp(family, ol_families[OL_FAMILY_sleep].name) == 0 ||
           strcmp(family, ol_families[OL_FAMILY_lock].name) == 0 ||
           strncmp(argument, "pid ", 4) == 0;
}
