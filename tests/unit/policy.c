/* SPDX-License-Identifier: MIT */
/* detector/policy.c and policy_help.c: OFFLOOP_POLICY. */
#include "detector/policy.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "detector/ruleset.h"
#include "listener.h"

static struct ol_policy policy;
static struct listener listener;

/* With one more rule, of a rules file, whose number is returned; NULL: none. */
static int set_beside(const struct ol_rule_row *own, const char *text)
{
    ol_ruleset_read(NULL, hear, &listener);
    int rule = own ? ol_rule_add(own) : -1;
    listener.count = 0;
    ol_policy_parse(&policy, text, hear, &listener);
    return rule;
}

static void set(const char *text)
{
    set_beside(NULL, text);
}

/* Writes the action of a rule by name. */
static const char *action_of(const char *rule)
{
    int index = ol_tables_rule(rule);
    cr_assert(index >= 0, "no rule '%s'", rule);
    return ol_actions[policy.action[index]].name;
}

/* The page of OFFLOOP_POLICY=help. */
static char *help(void)
{
    static char page[32768];
    int ends[2];
    cr_assert(pipe(ends) == 0);
    ol_policy_help(ends[1]);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t count = 1; count > 0; length += (size_t)count)
        count = read(ends[0], page + length, sizeof(page) - 1 - length);
    close(ends[0]);
    return page;
}

Test(policy, nothing_said_is_report)
{
    set("");
    for (int i = 0; i < OL_RULE_COUNT; i++)
        cr_assert_eq(policy.action[i], OL_ACTION_report);
    cr_assert_eq(listener.count, 0);
}

Test(policy, a_lone_action_is_for_everything)
{
    set("backtrace");
    cr_assert_str_eq(action_of("open"), "backtrace");
    cr_assert_str_eq(action_of("sleep"), "backtrace");
}

Test(policy, a_star_is_everything)
{
    set("*=block");
    cr_assert_str_eq(action_of("open"), "block");
}

Test(policy, a_rule_is_chosen_by_its_name)
{
    set("cert-load=ignore");
    cr_assert_str_eq(action_of("cert-load"), "ignore");
    cr_assert_str_eq(action_of("open"), "report");
}

Test(policy, a_family_is_all_of_its_rules)
{
    set("file=block");
    cr_assert_str_eq(action_of("open"), "block");
    cr_assert_str_eq(action_of("fsync"), "block");
    cr_assert_str_eq(action_of("stat"), "report");
}

Test(policy, a_kind_is_for_rules_of_users_too)
{
    const struct ol_rule_row own = {.name = "own_function", .kind = OL_KIND_loop_only};
    int rule = set_beside(&own, "loop-only=trap");
    cr_assert_eq(policy.action[rule], OL_ACTION_trap);
    cr_assert_str_eq(action_of("open"), "report");
    set("blocking=ignore");
    cr_assert_str_eq(action_of("open"), "ignore");
}

Test(policy, a_severity_is_all_of_its_rules)
{
    set("error=abort");
    cr_assert_str_eq(action_of("sleep"), "abort");
    cr_assert_str_eq(action_of("open"), "report");
}

/* Rules of misuse are in a pack that has to be named. */
Test(policy, a_selector_that_covers_no_rule_is_wrong)
{
    set("kind:misuse=abort");
    cr_assert_eq(listener.count, 1);
    cr_assert(strstr(listener.last, "'kind:misuse' covers no rule"), "%s", listener.last);
    cr_assert_str_eq(action_of("open"), "report");
    const struct ol_rule_row own = {.name = "own_misuse", .kind = OL_KIND_misuse};
    int rule = set_beside(&own, "kind:misuse=abort");
    cr_assert_eq(listener.count, 0);
    cr_assert_eq(policy.action[rule], OL_ACTION_abort);
}

Test(policy, later_key_wins)
{
    set("sleep=block,error=ignore");
    cr_assert_str_eq(action_of("sleep"), "ignore");
    set("error=ignore,sleep=block");
    cr_assert_str_eq(action_of("sleep"), "block");
    set("sleep=block,report");
    cr_assert_str_eq(action_of("sleep"), "report");
}

Test(policy, a_name_of_a_rule_and_a_family_is_the_rule)
{
    set("system=block,process=ignore,system=trap");
    cr_assert_str_eq(action_of("system"), "trap");
    set("family:process=ignore");
    cr_assert_str_eq(action_of("system"), "ignore");
    set("rule:process=ignore");
    cr_assert_str_eq(action_of("system"), "report");
    cr_assert_eq(listener.count, 1);
}

Test(policy, blanks_and_case_do_not_matter)
{
    set(" Report , SLEEP = Block ");
    cr_assert_str_eq(action_of("sleep"), "block");
    cr_assert_eq(listener.count, 0);
}

Test(policy, an_unknown_selector_is_named_with_the_nearest)
{
    set("slep=block,open=ignore");
    cr_assert_eq(listener.count, 1);
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_POLICY: unknown rule, family, kind or severity 'slep': did you mean 'sleep'?");
    cr_assert_str_eq(action_of("sleep"), "report");
    cr_assert_str_eq(action_of("open"), "ignore", "the parts that are right count");
    set("xyzzy=block");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_POLICY: unknown rule, family, kind or severity 'xyzzy': OFFLOOP_POLICY=help lists "
        "them all");
}

Test(policy, an_unknown_action_is_named_with_the_nearest)
{
    set("sleep=blok");
    cr_assert_str_eq(listener.last, "OFFLOOP_POLICY: unknown action 'blok': did you mean 'block'?");
    set("raise");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_POLICY: unknown action 'raise': valid are ignore, report, backtrace, block, trap, "
        "abort");
}

Test(policy, a_selector_without_action_is_told)
{
    set("sleep");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_POLICY: 'sleep' lacks '=' and its action: one of ignore, report, backtrace, "
        "block, trap, abort");
    set("sleep=");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_POLICY: 'sleep=' lacks its action: one of ignore, report, backtrace, block, "
        "trap, abort");
    set("=block");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_POLICY: '=block' lacks what stands before '=': a rule, family, kind or severity");
    cr_assert_str_eq(action_of("sleep"), "report");
}

Test(policy, an_empty_part_is_told)
{
    set("report,,sleep=block,");
    cr_assert_eq(listener.count, 2);
    cr_assert_str_eq(listener.last, "OFFLOOP_POLICY: a part is empty: one comma too many");
    cr_assert_str_eq(action_of("sleep"), "block");
}

Test(policy, help_stands_alone)
{
    set("report,help");
    cr_assert_str_eq(listener.last, "OFFLOOP_POLICY: 'help' must stand alone: OFFLOOP_POLICY=help");
}

Test(policy, help_names_every_word)
{
    char *page = help();
    for (int i = 0; i < OL_RULE_COUNT; i++)
        cr_assert(strstr(page, ol_rules[i].name) != NULL, "%s", ol_rules[i].name);
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        cr_assert(strstr(page, ol_families[i].text) != NULL, "%s", ol_families[i].name);
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        cr_assert(strstr(page, ol_actions[i].text) != NULL, "%s", ol_actions[i].name);
    cr_assert(strstr(page, "OFFLOOP_STALL_MS") != NULL);
}

Test(policy, help_fits_a_terminal)
{
    for (char *line = strtok(help(), "\n"); line; line = strtok(NULL, "\n"))
        cr_assert(strlen(line) <= 100, "too wide: %s", line);
}

/* Packs of loops are read later, or when they are named. */

static int action_of_late(const char *rule)
{
    unsigned first = ol_rule_count();
    ol_ruleset_read_rest();
    ol_policy_extend(&policy, first);
    return policy.action[ol_rule_named(rule)];
}

Test(policy, holds_for_rules_that_come_later)
{
    set("block,loop-api=trap");
    cr_assert_eq(action_of_late("uv_timer_start"), OL_ACTION_trap);
}

Test(policy, later_key_wins_for_rules_that_come_later)
{
    set("loop-api=trap,loop-only=ignore,warning=backtrace");
    cr_assert_eq(action_of_late("uv_timer_start"), OL_ACTION_ignore);
    cr_assert_eq(policy.action[ol_rule_named("uv_now")], OL_ACTION_backtrace);
}

Test(policy, a_rule_of_a_pack_can_be_named)
{
    set("ignore,uv_timer_start=block");
    cr_assert_eq(listener.count, 0);
    cr_assert_eq(policy.action[ol_rule_named("uv_timer_start")], OL_ACTION_block);
    cr_assert_eq(policy.action[ol_rule_named("uv_timer_stop")], OL_ACTION_ignore);
}

Test(policy, more_parts_than_are_kept)
{
    static char text[4096] = "ignore";
    for (int i = 0; i < 100; i++)
        strcat(text, ",error=report,error=block");
    set(text);
    cr_assert_eq(action_of_late("uv_timer_start"), OL_ACTION_block);
    cr_assert_str_eq(action_of("sleep"), "block");
}
