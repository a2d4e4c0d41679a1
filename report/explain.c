/* SPDX-License-Identifier: MIT */
/* `offloop explain RULE`: what a rule means, from the tables; and what a family or a kind has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "command.h"
#include "detector/function.h"
#include "detector/pack.h"
#include "detector/rule.h"
#include "detector/ruleset.h"
#include "exit.h"
#include "page.h"
#include "phrase.h"
#include "plain.h"
#include "say.h"

static error_t parse(int key, char *value, struct argp_state *state)
{
    const char **name = state->input;
    if (key == ARGP_KEY_NO_ARGS)
        ol_say_exit(OL_EXIT_USAGE, "which rule? offloop rules lists them");
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (*name)
        ol_say_exit(OL_EXIT_USAGE, "one rule at a time: '%s' or '%s'", *name, value);
    *name = value;
    return 0;
}

static const struct argp argp = {
    .parser = parse,
    .args_doc = "RULE",
    .doc = "Tells what is wrong where a rule is broken, why it blocks, what to do instead, which "
           "functions belong to the rule, and "
           "what their callers see when the policy blocks them.",
};

static void put_paragraph(struct ol_page *page, const char *label, const char *words)
{
    page->indent = 10;
    ol_page_put(page, OL_STYLE_BOLD, "%-10s", label);
    ol_page_words(page, OL_STYLE_PLAIN, words);
    ol_page_line(page, 0);
}

/* The functions of the rule whose callers see the same when blocked, in one paragraph. Other
 * spellings of a function are dim. */
static void put_functions(struct ol_page *page, enum ol_rule rule, enum ol_fail fail)
{
    bool any = false;
    for (int i = 0; i < OL_CALL_COUNT; i++) {
        const struct ol_call_row *call = &ol_calls[i];
        if (call->rule != rule || call->fail != fail)
            continue;
        if (!any) {
            ol_page_put(page, OL_STYLE_PLAIN, "  %s:", ol_fails[fail].text);
            ol_page_line(page, 4);
        }
        bool spelling = strcmp(call->symbol, call->name) != 0;
        ol_page_put(page, spelling ? OL_STYLE_DIM : OL_STYLE_PLAIN, "%s%s", any ? " " : "",
                    call->symbol);
        any = true;
    }
    if (any)
        ol_page_line(page, 0);
}

static bool has_functions(enum ol_rule rule)
{
    for (int i = 0; i < OL_CALL_COUNT; i++)
        if (ol_calls[i].rule == rule)
            return true;
    return false;
}

static void put_all_functions(struct ol_page *page, enum ol_rule rule)
{
    if (!has_functions(rule))
        return;
    ol_page_line(page, 0);
    page->indent = 2;
    ol_page_words(
        page, OL_STYLE_BOLD,
        "Functions of this rule, and what their callers see where the policy says block:");
    ol_page_line(page, 0);
    for (int fail = 0; fail < OL_FAIL_COUNT; fail++)
        put_functions(page, rule, (enum ol_fail)fail);
}

/* Why the whole family blocks: what every rule of a kind has in common. */
static const char *why(enum ol_kind kind)
{
    static const char *const reasons[OL_KIND_COUNT] = {
        [OL_KIND_blocking] =
            "while it waits, the loop thread runs nothing else: every connection, timer and "
            "callback of that loop waits with it",
        [OL_KIND_loop_only] =
            "it belongs to the thread of its loop: from another thread it races with the loop, "
            "and corrupts or hangs it",
        [OL_KIND_off_loop_only] =
            "it waits for work that only the loop can do: called on the loop it waits for itself",
        [OL_KIND_stall] = "whatever the cause: nothing else of the loop ran in that time",
        [OL_KIND_misuse] = "the loop can't do what is asked of it",
    };
    return reasons[kind];
}

/* What the caller of a function that a rules file names sees. */
static void put_failure(struct ol_page *page, const char *name)
{
    const struct ol_function *function = ol_function_find(name);
    if (!function)
        return;
    put_paragraph(page, "blocked",
                  function->can_fail
                      ? ol_pool_format(page->pool, "its caller sees %lld, errno EDEADLK",
                                       (long long)function->failure)
                      : "can not be failed safely: block acts as backtrace, unless its line in a "
                        "rules file says fail=VALUE");
}

/* A bad line is the program's own run's to tell. */
static void hear(void *context, const char *line)
{
}

/* All that is built in, and what the user's own environment names. */
static void read_rules(struct obstack *pool)
{
    const char *files = getenv("OFFLOOP_RULES");
    for (int i = 0; i < OL_PACK_COUNT; i++)
        if (ol_packs[i].when == OL_PACK_WHEN_named)
            files = ol_pool_format(pool, "%s:%s", ol_packs[i].name, files ? files : "");
    ol_ruleset_read(files, hear, NULL);
    ol_ruleset_read_rest();
}

/* By the rule's name, or by that of a function that a rule's pattern covers; -1: none. */
static int find_rule(const char *name)
{
    int rule = ol_rule_named(name);
    const struct ol_function *function = rule < 0 ? ol_function_find(name) : NULL;
    return function && function->judged ? function->rule : rule;
}

static void write_rule(struct ol_page *page, unsigned id)
{
    const struct ol_rule_row *rule = ol_rule_row(id);
    const char *family = ol_families[rule->family].name;
    ol_page_put(page, OL_STYLE_BOLD, "%s", rule->name);
    ol_page_put(page, OL_STYLE_PLAIN, "  %s, %s, family %s (%s)",
                ol_severity_names[ol_ruleset_severity(id)], ol_kind_names[rule->kind], family,
                ol_families[rule->family].text);
    ol_page_line(page, 0);
    ol_page_line(page, 0);
    put_paragraph(page, "wrong", rule->what);
    put_paragraph(page, "why", why(rule->kind));
    put_paragraph(page, "instead", rule->hint);
    if (rule->slow_only)
        put_paragraph(page, "counts", "only when the call took OFFLOOP_SLOW_MS (5 ms) or longer");
    if (id < OL_RULE_COUNT)
        put_all_functions(page, (enum ol_rule)id);
    else
        put_failure(page, rule->name);
    ol_page_line(page, 0);
    put_paragraph(
        page, "block",
        ol_pool_format(page->pool, "offloop run --policy report,%s=block -- PROG", rule->name));
    put_paragraph(
        page, "allow",
        ol_pool_format(page->pool,
                       "offloop run --policy report,%s=ignore -- PROG; for one place, a rules file "
                       "with: allow %s %s=GLOB \"reason\"",
                       rule->name, rule->name,
                       rule->family == OL_FAMILY_loop_api ? "symbol" : "path"));
    put_paragraph(page, "more", ol_phrase_help(page->pool, family, rule->name));
}

/* A family or a kind: what its rules have in common. */
struct group {
    const char *name, *text;
    int family, kind; /* -1: any */
};

static bool find_group(const char *name, struct group *group)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        if (strcmp(name, ol_families[i].name) == 0) {
            *group = (struct group){name, ol_families[i].text, i, -1};
            return true;
        }
    for (int i = 0; i < OL_KIND_COUNT; i++)
        if (strcmp(name, ol_kind_names[i]) == 0) {
            *group = (struct group){name, why((enum ol_kind)i), -1, i};
            return true;
        }
    return false;
}

/* No function of the rule can be failed. Python callables always can: they are no functions here.
 */
static bool is_never_blocked(unsigned rule)
{
    if (rule >= OL_RULE_COUNT) {
        const struct ol_function *function = ol_function_find(ol_rule_row(rule)->name);
        return function && !function->can_fail;
    }
    for (int i = 0; i < OL_CALL_COUNT; i++)
        if (ol_calls[i].rule == (enum ol_rule)rule && ol_fails[ol_calls[i].fail].can_block)
            return false;
    return has_functions((enum ol_rule)rule);
}

static void put_rules(struct ol_page *page, const char *title, const struct group *group,
                      bool never_blocked)
{
    bool any = false;
    for (unsigned i = 0; i < ol_rule_count(); i++) {
        const struct ol_rule_row *rule = ol_rule_row(i);
        if ((group->family >= 0 && (int)rule->family != group->family) ||
            (group->kind >= 0 && (int)rule->kind != group->kind) ||
            is_never_blocked(i) != never_blocked)
            continue;
        page->indent = 2;
        if (!any) {
            ol_page_line(page, 0);
            ol_page_words(page, OL_STYLE_BOLD, title);
            ol_page_line(page, 2);
        }
        ol_page_put(page, OL_STYLE_PLAIN, "%s%s", any ? " " : "", rule->name);
        any = true;
    }
    if (any)
        ol_page_line(page, 0);
}

static void write_group(struct ol_page *page, const struct group *group)
{
    ol_page_put(page, OL_STYLE_BOLD, "%s", group->name);
    ol_page_put(page, OL_STYLE_PLAIN, "  a %s of rules: ", group->kind < 0 ? "family" : "kind");
    ol_page_words(page, OL_STYLE_PLAIN, group->text);
    ol_page_line(page, 0);
    put_rules(page, "Its rules, whose calls fail where the policy says block:", group, false);
    put_rules(page,
              "Its rules, whose calls can not be failed safely: block acts as backtrace there:",
              group, true);
}

int ol_explain_main(int argc, char **argv)
{
    const char *name = NULL;
    struct obstack pool;
    struct ol_page page;
    ol_command_parse(&argp, argc, argv, 0, &name);
    ol_plain_start();
    ol_pool_begin(&pool);
    read_rules(&pool);
    int rule = find_rule(name);
    struct group group;
    bool is_group = rule < 0 && find_group(name, &group);
    if (rule < 0 && !is_group)
        ol_say_exit(OL_EXIT_USAGE, "unknown rule '%s'%s", name,
                    ol_choice_guess(&pool, name, ol_choice_rules(&pool), OL_RULE_COUNT,
                                    "offloop rules lists them"));
    ol_page_begin(&page, stdout, &pool);
    if (is_group)
        write_group(&page, &group);
    else
        write_rule(&page, (unsigned)rule);
    ol_pool_end(&pool);
    return ol_say_end(OL_EXIT_OK);
}
