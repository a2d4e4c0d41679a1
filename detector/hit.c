/* SPDX-License-Identifier: MIT */
/* A hit's place: its stack, put into words when it was not seen before, its site, and whether an
 * allow rule covers it. The contract is in hit.h. */
#include "hit.h"

#include <errno.h>

#include "allow.h"
#include "import.h"
#include "loop.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "run.h"
#include "scratch.h"
#include "step.h"
#include "thread.h"
#include "worst.h"

static const char *function_of(const struct ol_call *hit)
{
    return hit->named ? hit->named->name : ol_calls[hit->id].name;
}

/* Is the thread where its loop's callbacks run? Calls that are judged on any thread need not be. */
static bool is_in_turn(const struct ol_call *hit, const struct ol_stack *stack, uintptr_t here)
{
    return (hit->named && hit->named->anywhere) ||
           (ol_run_stands_at(&ol_self.runner, here) &&
            ol_runtime_in_turn(&ol_self.anchor, stack->runtime, stack->frames, stack->count));
}

static void name_api(struct ol_verdict *verdict, const char *name)
{
    struct ol_text api = OL_TEXT(verdict->api);
    ol_text_add(&api, name);
}

/* A function that does what a built-in rule is about, called by another one that the culprit's line
 * called: os.scandir() in os.walk(). That one is known by its name. */
static bool is_inside_of_another(const struct ol_call *hit, const struct ol_verdict *verdict)
{
    return hit->rule < OL_RULE_COUNT && verdict->api[0] && verdict->culprit != OL_NO_INDEX &&
           verdict->culprit > (hit->named->has_frame ? 1u : 0u);
}

/* The hit in words; the facts lie in the thread's scratch memory. */
static struct ol_site_facts describe(const struct ol_call *hit, struct ol_scratch *scratch)
{
    struct ol_stack_words *words = &scratch->words;
    const struct ol_run *runner = &ol_self.runner;
    ol_stack_describe(&scratch->stack, &ol_self.anchor, runner->count ? runner->cells : NULL,
                      ol_process.options.depth, words);
    bool import = words->verdict.import && ol_import_may_be(hit->rule) && !hit->named;
    unsigned rule = import ? OL_RULE_import : hit->rule;
    if (hit->named && hit->named->api && !is_inside_of_another(hit, &words->verdict))
        name_api(&words->verdict, hit->named->api);
    struct ol_text text = OL_TEXT(scratch->argument);
    if (import)
        ol_text_add(&text, words->verdict.import_name);
    else
        ol_argument_write(&hit->argument, &text);
    struct ol_text kept = OL_TEXT(scratch->kept);
    ol_argument_keep(import ? &NONE : &hit->argument, scratch->argument, &kept);
    return (struct ol_site_facts){.function = function_of(hit),
                                  .hint = hit->named ? hit->named->hint : NULL,
                                  .rule = rule,
                                  .action = ol_process.policy.action[rule],
                                  .argument = scratch->kept,
                                  .allowed_by = hit->allowed ? ol_allow_text(hit->allowed - 1) : 0,
                                  .words = words};
}

/* A stack that was not seen before: put into words, its site found or made. */
static bool look_closely(struct ol_call *hit, struct ol_scratch *scratch)
{
    if (ol_process_is_another()) /* a child in our memory, that nobody saw made */
        return false;
    if (ol_stack_learn_signals(&scratch->stack))
        scratch->stack.hash = ol_hit_key(scratch->stack.hash, hit->rule);
    struct ol_site_facts facts = describe(hit, scratch);
    if (facts.rule == OL_RULE_import &&
        ol_import_found(&scratch->stack, scratch->words.verdict.root, &hit->site))
        return true;
    int allowed = hit->allowed ? -1 : ol_allow_find(facts.rule, scratch->argument, &scratch->words);
    if (allowed >= 0)
        hit->site = (struct ol_site_ref){.index = OL_SITE_ALLOWED, .rule = (uint16_t)allowed};
    else if (facts.action == OL_ACTION_ignore)
        return false;
    else
        hit->site = ol_site_of(&facts, &hit->first);
    bool by_path = allowed >= 0 && ol_ruleset.allow[allowed].path_alone;
    if (!by_path && !hit->allowed && facts.rule != OL_RULE_import &&
        !ol_allow_depends_on_argument(facts.rule, hit->path_asked))
        ol_site_remember(scratch->stack.hash, hit->site);
    return true;
}

uint64_t ol_hit_key(uint64_t stack_hash, unsigned rule)
{
    return stack_hash * 31 + rule;
}

/* Whether what is wrong with a call of that rule is that the loop waits for it. */
static bool is_wrong_by_time(unsigned rule)
{
    unsigned kind = ol_rule_row(rule)->kind;
    return kind == OL_KIND_blocking || kind == OL_KIND_off_loop_only;
}

/* An allow rule covers the hit. It counts all the same when it takes longer than the rule may
 * suppress. */
void ol_hit_suppress(struct ol_call *hit, unsigned index)
{
    uint32_t limit = ol_ruleset.allow[index].limit_ms;
    if (limit == OL_ALLOW_LIMIT_stall)
        limit = (uint32_t)ol_process.options.stall_ms;
    hit->allowed = index + 1;
    ol_allow_count(index);
    hit->slow_only = limit != OL_ALLOW_LIMIT_none && is_wrong_by_time(hit->rule);
    hit->least = limit * INT64_C(1000000);
}

/* Finds the site. False: this is no violation after all (the loop has returned, the policy ignores
 * what it is), or an allow rule covers it; one that was asked already is not asked again. */
/* The machinery of the import that is under way. */
static bool is_of_import(struct ol_call *hit, const struct ol_stack *stack)
{
    return !hit->named && stack->count && ol_import_may_be(hit->rule) &&
           ol_import_continues(stack, &hit->site);
}

static bool find_site(struct ol_call *hit, uintptr_t here)
{
    struct ol_scratch *scratch = ol_scratch_get();
    if (!scratch)
        return false;
    struct ol_stack *stack = &scratch->stack;
    int saved = errno; /* libunwind and the loader may change it */
    ol_stack_capture(stack, hit->caller);
    stack->hash = ol_hit_key(stack->hash, hit->rule);
    hit->first = false;
    bool in_turn = is_in_turn(hit, stack, here);
    hit->held = !in_turn && ol_step_holds();
    if (!in_turn && !hit->held)
        ol_loop_forget_turn();
    bool judged = in_turn || hit->held;
    ol_import_look(stack);
    bool known = judged && !hit->allowed &&
                 (is_of_import(hit, stack) || ol_site_recall(stack->hash, &hit->site));
    bool found = judged && (known || look_closely(hit, scratch));
    errno = saved;
    if (found && hit->site.index == OL_SITE_ALLOWED)
        ol_hit_suppress(hit, hit->site.rule);
    else if (found && ol_step_took_back() && hit->site.index != OL_SITE_LOST)
        hit->first |= !ol_site_entry_of(hit->site)->count;
    return found && hit->site.index != OL_SITE_ALLOWED;
}

struct search {
    struct ol_call *hit;
    uintptr_t here; /* on the thread's own stack */
    bool found;
};

static void search(void *context)
{
    struct search *search = context;
    search->found = find_site(search->hit, search->here);
}

bool ol_hit_find_site(struct ol_call *hit)
{
    struct search asked = {hit, (uintptr_t)__builtin_frame_address(0), false};
    ol_scratch_run(search, &asked);
    return asked.found;
}

struct longest {
    const struct ol_call *hit;
    uint64_t ns;
};

static void show_anew(void *context)
{
    const struct longest *longest = context;
    const struct ol_call *hit = longest->hit;
    uint64_t ns = longest->ns;
    struct ol_scratch *scratch = ol_scratch_get();
    if (!scratch)
        return;
    int saved = errno;
    ol_stack_capture(&scratch->stack, hit->caller);
    struct ol_site_facts facts = describe(hit, scratch);
    ol_worst_keep(hit->site, &facts, ns);
    errno = saved;
}

/* The report shows the stack and argument of a site's longest hit. An import's are always the
 * same. */
void ol_hit_show(struct ol_call *hit, uint64_t ns)
{
    if (ol_import_is(hit->site) || (hit->named && hit->named->anywhere))
        return;
    if (hit->first)
        ol_worst_begin(hit->site, ns);
    else if (OL_UNLIKELY(ol_worst_is(hit->site, ns)))
        ol_scratch_run(show_anew, &(struct longest){hit, ns});
}
