/* SPDX-License-Identifier: MIT */
/* The tables and the documentation agree. RULE_PAGES is docs/rules, given by the build. */
#include "detector/tables.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Names are words of a command line: lower case, digits, and '-' or '_' inside. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length &&
           isalpha((unsigned char)name[0]) && isalnum((unsigned char)name[length - 1]);
}

/* A clause, as it stands behind a name: no capital, no full stop, no blanks around it. */
static bool is_clause(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return length && !isupper((unsigned char)text[0]) && !isspace((unsigned char)text[0]) &&
           !isspace((unsigned char)text[length - 1]) && text[length - 1] != '.';
}

static const char *const family_ids[OL_FAMILY_COUNT] = {
#define FAMILY(id, name, text) [OL_FAMILY_##id] = #id,
#include "detector/families.def"
#undef FAMILY
};

/* Whether a family's page has that line. */
static bool page_has(enum ol_family family, const char *wanted)
{
    char path[512];
    char line[1024];
    bool found = false;
    snprintf(path, sizeof(path), "%s/%s.md", RULE_PAGES, family_ids[family]);
    FILE *page = fopen(path, "r");
    cr_assert(page != NULL, "%s is missing", path);
    while (!found && fgets(line, sizeof(line), page)) {
        line[strcspn(line, "\n")] = '\0';
        found = strcmp(line, wanted) == 0;
    }
    fclose(page);
    return found;
}

Test(tables, every_rule_says_what_is_wrong)
{
    for (int i = 0; i < OL_RULE_COUNT; i++)
        cr_assert(is_clause(ol_rules[i].what), "%s: '%s'", ol_rules[i].name, ol_rules[i].what);
}

Test(tables, every_rule_says_what_to_do_instead)
{
    for (int i = 0; i < OL_RULE_COUNT; i++)
        cr_assert(is_clause(ol_rules[i].hint), "%s: '%s'", ol_rules[i].name, ol_rules[i].hint);
}

Test(tables, names_are_words)
{
    for (int i = 0; i < OL_RULE_COUNT; i++)
        cr_assert(is_name(ol_rules[i].name), "%s", ol_rules[i].name);
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        cr_assert(is_name(ol_families[i].name), "%s", ol_families[i].name);
}

Test(tables, no_two_rules_share_a_name)
{
    for (int i = 0; i < OL_RULE_COUNT; i++)
        cr_assert(ol_tables_rule(ol_rules[i].name) == i, "%s", ol_rules[i].name);
}

Test(tables, no_two_families_share_a_name)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        for (int j = 0; j < i; j++)
            cr_assert(strcmp(ol_families[i].name, ol_families[j].name) != 0, "%s",
                      ol_families[i].name);
}

Test(tables, what_is_not_known_is_not_found)
{
    cr_assert(ol_tables_rule("xyzzy") == -1);
    cr_assert(ol_tables_rule("") == -1);
}

Test(tables, every_family_has_a_text)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        cr_assert(is_clause(ol_families[i].text), "%s", ol_families[i].name);
}

Test(tables, every_family_has_a_page)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++) {
        char heading[64];
        snprintf(heading, sizeof(heading), "# %s", ol_families[i].name);
        cr_assert(page_has((enum ol_family)i, heading), "docs/rules/%s.md lacks '%s'",
                  family_ids[i], heading);
    }
}

Test(tables, every_rule_has_a_heading_on_its_familys_page)
{
    for (int i = 0; i < OL_RULE_COUNT; i++) {
        char heading[64];
        snprintf(heading, sizeof(heading), "## %s", ol_rules[i].name);
        cr_assert(page_has(ol_rules[i].family, heading), "docs/rules/%s.md lacks '%s'",
                  family_ids[ol_rules[i].family], heading);
    }
}

Test(tables, every_rule_is_reached_by_a_call)
{
    for (int rule = 0; rule < OL_RULE_COUNT; rule++) {
        /* judged from the frames, or from the address of a condition, not from a function */
        bool reached = rule == OL_RULE_import || rule == OL_RULE_gil;
        for (int call = 0; call < OL_CALL_COUNT; call++)
            reached |= (int)ol_calls[call].rule == rule;
        cr_assert(reached, "%s", ol_rules[rule].name);
    }
}

Test(tables, what_blocking_gives_is_told)
{
    for (int i = 0; i < OL_FAIL_COUNT; i++)
        cr_assert(is_clause(ol_fails[i].text), "fail %d", i);
}

Test(tables, actions_are_told_mildest_first)
{
    cr_assert_str_eq(ol_actions[0].name, "ignore");
    cr_assert_str_eq(ol_actions[OL_ACTION_COUNT - 1].name, "abort");
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        cr_assert(is_name(ol_actions[i].name) && is_clause(ol_actions[i].text), "action %d", i);
}

Test(tables, an_action_of_a_record_is_the_one_of_its_number)
{
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        cr_assert_eq(ol_tables_action(ol_actions[i].number), i, "%s", ol_actions[i].name);
    cr_assert_eq(ol_tables_action(UINT8_MAX), -1);
}

/* Records that were written before are read as what they meant. */
Test(tables, numbers_of_actions_are_those_of_the_first_records)
{
    static const char *const first[] = {"ignore", "report", "backtrace", "block", "trap", "abort"};
    for (unsigned i = 0; i < sizeof first / sizeof *first; i++)
        cr_assert_str_eq(ol_actions[ol_tables_action((uint8_t)i)].name, first[i]);
}
