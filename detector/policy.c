/* SPDX-License-Identifier: MIT */
/* OFFLOOP_POLICY: words in, one action for each rule out, and the page of all its words. Called
 * once at start; the gate reads the result. The contract is in policy.h. */
#include "policy.h"

#include <string.h>

#include "ruleset.h"
#include "text.h"
#include "word.h"

#define WHERE "OFFLOOP_POLICY"
#define ACTIONS "ignore, report, backtrace, block, trap, abort"

/* Where complaints go. */
struct listener {
    ol_complain *complain;
    void *context;
};

/* What a selector means: a rule of that name, or what many have in common. */
enum what { WHAT_RULE, WHAT_FAMILY, WHAT_KIND, WHAT_SEVERITY, WHAT_ALL };

struct selection {
    enum what what;
    unsigned value;
};

/* One line: the word, and what is wrong with it. */
static void complain_of(const struct listener *listener, struct ol_word word, const char *problem)
{
    char buffer[256];
    struct ol_text line = OL_TEXT(buffer);
    ol_text_add(&line, WHERE ": ");
    ol_word_quote(&line, word);
    ol_text_add(&line, problem);
    listener->complain(listener->context, line.bytes);
}

static void complain_unknown(const struct listener *listener, const struct ol_nearest *nearest,
                             const char *kind, const char *otherwise)
{
    char buffer[256];
    struct ol_text line = OL_TEXT(buffer);
    ol_word_explain(&line, WHERE, nearest, kind, otherwise);
    listener->complain(listener->context, line.bytes);
}

/* Each find_…() gives a number, or -1 where there is no such name. Names are matched whatever their
 * case. */
static int find_rule(struct ol_word word)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (ol_word_is(word, ol_rule_row(i)->name))
            return (int)i;
    return -1;
}

/* One of a pack that is read only when it is needed: it is needed now. */
static int find_any_rule(struct ol_word word)
{
    int rule = find_rule(word);
    return rule < 0 && ol_ruleset_read_rest() ? find_rule(word) : rule;
}

static int find_family(struct ol_word word)
{
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        if (ol_word_is(word, ol_families[i].name))
            return i;
    return -1;
}

static int find_kind(struct ol_word word)
{
    return ol_word_find(word, ol_kind_names, OL_KIND_COUNT);
}

static int find_action(struct ol_word word)
{
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        if (ol_word_is(word, ol_actions[i].name))
            return i;
    return -1;
}

static int find_severity(struct ol_word word)
{
    return ol_word_find(word, ol_severity_names, OL_SEVERITY_COUNT);
}

static int find_all(struct ol_word word)
{
    return ol_word_is(word, "*") ? 0 : -1;
}

static bool selects(const struct selection *selection, unsigned rule, const struct ol_rule_row *row)
{
    switch (selection->what) {
    case WHAT_RULE:
        return rule == selection->value;
    case WHAT_FAMILY:
        return row->family == selection->value;
    case WHAT_KIND:
        return row->kind == selection->value;
    case WHAT_SEVERITY:
        return (rule < ol_rule_count() ? ol_ruleset_severity(rule) : row->severity) ==
               selection->value;
    default:
        return true;
    }
}

/* A name can be a rule's and a family's at once (`system`): the narrower one is meant, unless
 * `family:` says otherwise. Rules of packs that are not read yet come last. */
static bool select_by(struct selection *selection, struct ol_word word)
{
    static const struct {
        const char *prefix;
        enum what what;
        int (*find)(struct ol_word word);
    } ways[] = {
        {"rule", WHAT_RULE, find_rule}, {"family", WHAT_FAMILY, find_family},
        {"kind", WHAT_KIND, find_kind}, {"severity", WHAT_SEVERITY, find_severity},
        {"", WHAT_ALL, find_all},       {"rule", WHAT_RULE, find_any_rule},
    };
    struct ol_word prefix = {.length = 0};
    struct ol_word name = word;
    bool explicit = ol_word_split(word, ':', &prefix, &name);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        int value = explicit && !ol_word_is(prefix, ways[i].prefix) ? -1 : ways[i].find(name);
        if (value < 0)
            continue;
        *selection = (struct selection){.what = ways[i].what, .value = (unsigned)value};
        return true;
    }
    return false;
}

static void apply(struct ol_policy *policy, const struct selection *selection,
                  enum ol_action action)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (selects(selection, i, ol_rule_row(i)))
            policy->action[i] = (uint8_t)action;
}

/* For rules to come. Where there is no room, none are to come. */
static void keep(struct ol_policy *policy, const struct selection *selection, enum ol_action action)
{
    if (selection->what == WHAT_RULE)
        return;
    if (policy->part_count == OL_POLICY_PARTS) {
        unsigned first = ol_rule_count();
        if (ol_ruleset_read_rest())
            ol_policy_extend(policy, first);
        return;
    }
    policy->parts[policy->part_count++] = (struct ol_policy_part){
        (uint8_t)selection->what, (uint8_t)selection->value, (uint8_t)action};
}

static enum ol_action action_of(const struct ol_policy *policy, unsigned rule,
                                const struct ol_rule_row *row)
{
    enum ol_action action = OL_ACTION_report;
    for (unsigned i = 0; i < policy->part_count; i++) {
        const struct ol_policy_part *part = &policy->parts[i];
        const struct selection selection = {.what = (enum what)part->what, .value = part->value};
        if (selects(&selection, rule, row))
            action = (enum ol_action)part->action;
    }
    return action;
}

enum ol_action ol_policy_action_of(const struct ol_policy *policy, const struct ol_rule_row *row)
{
    return action_of(policy, OL_RULE_MAX, row);
}

void ol_policy_extend(struct ol_policy *policy, unsigned first)
{
    for (unsigned i = first; i < ol_rule_count(); i++)
        policy->action[i] = (uint8_t)action_of(policy, i, ol_rule_row(i));
}

/* The nearest of all names together: who writes "slep" need not know what is a rule or a family. */
static void complain_of_selector(const struct listener *listener, struct ol_word word)
{
    struct ol_nearest nearest = {.word = word};
    for (unsigned i = 0; i < ol_rule_count(); i++)
        ol_word_consider(&nearest, ol_rule_row(i)->name);
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        ol_word_consider(&nearest, ol_families[i].name);
    ol_word_consider_all(&nearest, ol_kind_names, OL_KIND_COUNT);
    ol_word_consider_all(&nearest, ol_severity_names, OL_SEVERITY_COUNT);
    complain_unknown(listener, &nearest, "rule, family, kind or severity",
                     WHERE "=help lists them all");
}

static void complain_of_action(const struct listener *listener, struct ol_word word)
{
    struct ol_nearest nearest = {.word = word};
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        ol_word_consider(&nearest, ol_actions[i].name);
    complain_unknown(listener, &nearest, "action", "valid are " ACTIONS);
}

/* Packs may be read on the way: what was said so far holds for their rules too. */
static bool select_for(struct ol_policy *policy, struct selection *selection, struct ol_word word)
{
    unsigned first = ol_rule_count();
    bool found = select_by(selection, word);
    ol_policy_extend(policy, first);
    return found;
}

/* A part without '=' that is no action: most often a selector whose action was forgotten. */
static void complain_of_lone(struct ol_policy *policy, const struct listener *listener,
                             struct ol_word word)
{
    struct selection selection;
    if (!word.length)
        listener->complain(listener->context, WHERE ": a part is empty: one comma too many");
    else if (ol_word_is(word, "help"))
        complain_of(listener, word, " must stand alone: " WHERE "=help");
    else if (select_for(policy, &selection, word))
        complain_of(listener, word, " lacks '=' and its action: one of " ACTIONS);
    else
        complain_of_action(listener, word);
}

static bool is_covering(const struct selection *selection)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (selects(selection, i, ol_rule_row(i)))
            return true;
    return false;
}

/* Rules of packs that are not read yet count: they are read now. */
static bool covers_a_rule(struct ol_policy *policy, const struct selection *selection)
{
    unsigned first = ol_rule_count();
    if (is_covering(selection))
        return true;
    if (!ol_ruleset_read_rest())
        return false;
    ol_policy_extend(policy, first);
    return is_covering(selection);
}

bool ol_policy_covers(const char *selector)
{
    static struct ol_policy none;
    struct selection selection;
    return select_for(&none, &selection, ol_word_of(selector)) && covers_a_rule(&none, &selection);
}

static void put(struct ol_policy *policy, const struct selection *selection, enum ol_action action)
{
    keep(policy, selection, action);
    apply(policy, selection, action);
}

/* ACTION or SELECTOR=ACTION. Nothing is applied unless both halves are right. */
static void parse_part(struct ol_policy *policy, struct ol_word part,
                       const struct listener *listener)
{
    struct selection selection = {.what = WHAT_ALL};
    struct ol_word selector = {.bytes = "*", .length = 1};
    struct ol_word word = part;
    bool selective = ol_word_split(part, '=', &selector, &word);
    int action = find_action(word);
    if (!selective && action < 0)
        complain_of_lone(policy, listener, part);
    else if (!selector.length)
        complain_of(listener, part,
                    " lacks what stands before '=': a rule, family, kind or severity");
    else if (!word.length)
        complain_of(listener, part, " lacks its action: one of " ACTIONS);
    else if (!select_for(policy, &selection, selector))
        complain_of_selector(listener, selector);
    else if (action < 0)
        complain_of_action(listener, word);
    else if (!covers_a_rule(policy, &selection))
        complain_of(listener, selector,
                    " covers no rule, so it would do nothing: " WHERE "=help lists them all");
    else
        put(policy, &selection, (enum ol_action)action);
}

void ol_policy_parse(struct ol_policy *policy, const char *text, ol_complain *complain,
                     void *context)
{
    const struct listener listener = {.complain = complain, .context = context};
    struct ol_word part;
    policy->part_count = 0;
    memset(policy->action, OL_ACTION_ignore, sizeof(policy->action));
    memset(policy->action, OL_ACTION_report, ol_rule_count());
    const char *rest = ol_word_of(text).length ? text : NULL;
    while (ol_word_next(&rest, ',', &part))
        parse_part(policy, part, &listener);
}
