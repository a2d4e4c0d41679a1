/* OFFLOOP_POLICY: words in, one action for each rule out, and the page of all its words. Called
 * once at start; the gate reads the result. The contract is in policy.h. */
#include "policy.h"

#include <string.h>

#include "rawio.h"
#include "text.h"
#include "word.h"

#define WHERE "OFFLOOP_POLICY"
#define ACTIONS "ignore, report, backtrace, block, trap, abort"

/* Where complaints go. */
struct listener {
    ol_complain *complain;
    void *context;
};

/* The rules that a selector means. */
struct selection {
    bool rule[OL_RULE_MAX];
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

/* Each select_…() fills the selection and says whether there is such a name; after a false, what it
 * left is overwritten by the next. */
static bool select_rule(struct selection *selection, struct ol_word word)
{
    bool found = false;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        found |= selection->rule[i] = ol_word_is(word, ol_rule_row(i)->name);
    return found;
}

static bool select_family(struct selection *selection, struct ol_word word)
{
    bool found = false;
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        found |= ol_word_is(word, ol_families[i].name);
    for (unsigned i = 0; i < ol_rule_count(); i++)
        selection->rule[i] = ol_word_is(word, ol_families[ol_rule_row(i)->family].name);
    return found;
}

static bool select_kind(struct selection *selection, struct ol_word word)
{
    int kind = ol_word_find(word, ol_kind_names, OL_KIND_COUNT);
    if (kind < 0)
        return false;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        selection->rule[i] = (int)ol_rule_row(i)->kind == kind;
    return true;
}

static bool select_severity(struct selection *selection, struct ol_word word)
{
    int severity = ol_word_find(word, ol_severity_names, OL_SEVERITY_COUNT);
    for (unsigned i = 0; i < ol_rule_count(); i++)
        selection->rule[i] = (int)ol_rule_row(i)->severity == severity;
    return severity >= 0;
}

static bool select_all(struct selection *selection, struct ol_word word)
{
    if (!ol_word_is(word, "*"))
        return false;
    memset(selection->rule, true, sizeof(selection->rule));
    return true;
}

/* A name can be a rule's and a family's at once (`system`): the narrower one is meant, unless
 * `family:` says otherwise. */
static bool select_by(struct selection *selection, struct ol_word word)
{
    static const struct {
        const char *prefix;
        bool (*select)(struct selection *selection, struct ol_word word);
    } ways[] = {
        {"rule", select_rule},         {"family", select_family}, {"kind", select_kind},
        {"severity", select_severity}, {"", select_all},
    };
    struct ol_word prefix = {.length = 0};
    struct ol_word name = word;
    bool explicit = ol_word_split(word, ':', &prefix, &name);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
        if ((!explicit || ol_word_is(prefix, ways[i].prefix)) && ways[i].select(selection, name))
            return true;
    return false;
}

static void apply(struct ol_policy *policy, const struct selection *selection,
                  enum ol_action action)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (selection->rule[i])
            policy->action[i] = (uint8_t)action;
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
    ol_word_consider_all(&nearest, ol_action_names, OL_ACTION_COUNT);
    complain_unknown(listener, &nearest, "action", "valid are " ACTIONS);
}

/* A part without '=' that is no action: most often a selector whose action was forgotten. */
static void complain_of_lone(const struct listener *listener, struct ol_word word)
{
    struct selection selection = {.rule = {false}};
    if (!word.length)
        listener->complain(listener->context, WHERE ": a part is empty: one comma too many");
    else if (ol_word_is(word, "help"))
        complain_of(listener, word, " must stand alone: " WHERE "=help");
    else if (select_by(&selection, word))
        complain_of(listener, word, " lacks '=' and its action: one of " ACTIONS);
    else
        complain_of_action(listener, word);
}

/* ACTION or SELECTOR=ACTION. Nothing is applied unless both halves are right. */
static void parse_part(struct ol_policy *policy, struct ol_word part,
                       const struct listener *listener)
{
    struct selection selection = {.rule = {false}};
    struct ol_word selector = {.bytes = "*", .length = 1};
    struct ol_word word = part;
    bool selective = ol_word_split(part, '=', &selector, &word);
    int action = ol_word_find(word, ol_action_names, OL_ACTION_COUNT);
    if (!selective && action < 0)
        complain_of_lone(listener, part);
    else if (!selector.length)
        complain_of(listener, part,
                    " lacks what stands before '=': a rule, family, kind or severity");
    else if (!word.length)
        complain_of(listener, part, " lacks its action: one of " ACTIONS);
    else if (!select_by(&selection, selector))
        complain_of_selector(listener, selector);
    else if (action < 0)
        complain_of_action(listener, word);
    else
        apply(policy, &selection, (enum ol_action)action);
}

void ol_policy_parse(struct ol_policy *policy, const char *text, ol_complain *complain,
                     void *context)
{
    const struct listener listener = {.complain = complain, .context = context};
    struct ol_word part;
    memset(policy->action, OL_ACTION_report, sizeof(policy->action));
    const char *rest = ol_word_of(text).length ? text : NULL;
    while (ol_word_next(&rest, ',', &part))
        parse_part(policy, part, &listener);
}
