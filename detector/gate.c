/* The gate: the order in which a call is judged, cheapest first. The contract is in gate.h. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "allow.h"
#include "guest.h"
#include "live.h"
#include "rawio.h"
#include "recorder.h"
#include "room.h"
#include "step.h"
#include "tally.h"
#include "wait.h"
#include "worst.h"

static bool is_ignored(unsigned rule)
{
    const struct ol_policy *policy = &ol_guest.policy;
    return policy->action[rule] == OL_ACTION_ignore &&
           !(policy->action[OL_RULE_import] != OL_ACTION_ignore && ol_import_may_be(rule));
}

static bool is_allowed(unsigned rule)
{
    for (unsigned i = 0; i < ol_self.allowing && i < OL_ALLOW_DEPTH; i++)
        if (ol_self.allowed[i] == rule || ol_self.allowed[i] == OL_RULE_ANY)
            return true;
    return false;
}

static const char *function_of(const struct ol_hit *hit)
{
    return hit->named ? hit->named->name : ol_calls[hit->call].name;
}

static bool can_block(const struct ol_hit *hit)
{
    return hit->named ? hit->named->can_block : ol_fails[ol_calls[hit->call].fail].can_block;
}

/* Is the thread where its loop's callbacks run? Calls that are judged on any thread need not be. */
static bool is_in_turn(const struct ol_hit *hit, const struct ol_stack *stack)
{
    return (hit->named && hit->named->anywhere) ||
           (ol_run_stands(&ol_self.runner) &&
            ol_python_in_turn(&ol_self.anchor, stack->python, stack->python_count));
}

static void name_api(struct ol_pyverdict *python, const char *name)
{
    struct ol_text api = OL_TEXT(python->api);
    ol_text_add(&api, name);
}

/* The hit in words; the facts lie in the thread's room. */
static struct ol_site_facts describe(const struct ol_hit *hit, struct ol_room *room)
{
    struct ol_stack_words *words = &room->words;
    const struct ol_run *runner = &ol_self.runner;
    ol_stack_describe(&room->stack, &ol_self.anchor, runner->count ? runner->cells : NULL,
                      ol_guest.options.depth, words);
    bool import = words->python.import && ol_import_may_be(hit->rule) && !hit->named;
    unsigned rule = import ? OL_RULE_import : hit->rule;
    if (hit->named && hit->named->api)
        name_api(&words->python, hit->named->api);
    struct ol_text text = OL_TEXT(room->argument);
    if (import)
        ol_text_add(&text, words->python.import_name);
    else
        ol_argument_write(&hit->argument, &text);
    return (struct ol_site_facts){.function = function_of(hit),
                                  .hint = hit->named ? hit->named->hint : NULL,
                                  .rule = rule,
                                  .action = ol_guest.policy.action[rule],
                                  .argument = room->argument,
                                  .allowed_by = hit->allowed ? ol_allow_text(hit->allowed - 1) : 0,
                                  .words = words};
}

/* A stack that was not seen before: put into words, its site found or made. */
static bool look_closely(struct ol_hit *hit, struct ol_room *room)
{
    if (ol_raw_getpid() != ol_guest.pid) { /* a child that no handler saw: _Fork, a bare clone */
        ol_guest_forked();
        return false;
    }
    struct ol_site_facts facts = describe(hit, room);
    int allowed = hit->allowed ? -1 : ol_allow_find(facts.rule, room->argument, &room->words);
    if (allowed >= 0)
        hit->site = (struct ol_site_ref){.index = OL_SITE_ALLOWED, .rule = (uint16_t)allowed};
    else if (facts.action == OL_ACTION_ignore)
        return false;
    else
        hit->site = ol_site_of(&facts, &hit->first);
    bool by_path = allowed >= 0 && ol_ruleset.allow[allowed].path_alone;
    if (!by_path && !hit->allowed && facts.rule != OL_RULE_import &&
        !ol_allow_depends_on_argument(facts.rule, hit->path_asked))
        ol_site_remember(room->stack.hash, hit->site);
    return true;
}

static uint64_t key_of(uint64_t stack_hash, unsigned rule)
{
    return stack_hash * 31 + rule;
}

/* An allow rule covers the hit. It counts all the same when it takes longer than the rule may
 * suppress. */
static void suppress(struct ol_hit *hit, unsigned index)
{
    uint32_t limit = ol_ruleset.allow[index].limit_ms;
    if (limit == OL_ALLOW_LIMIT_stall)
        limit = (uint32_t)ol_guest.options.stall_ms;
    hit->allowed = index + 1;
    ol_allow_count(index);
    hit->slow_only = limit != OL_ALLOW_LIMIT_none;
    hit->least = limit * INT64_C(1000000);
}

/* Finds the site. False: this is no violation after all (the loop has returned, the policy ignores
 * what it is), or an allow rule covers it; one that was asked already is not asked again. */
static bool find_site(struct ol_hit *hit)
{
    struct ol_room *room = ol_room_get();
    if (!room)
        return false;
    struct ol_stack *stack = &room->stack;
    int saved = errno; /* libunwind and the loader may change it */
    ol_stack_capture(stack, hit->caller);
    stack->hash = key_of(stack->hash, hit->rule);
    hit->first = false;
    bool in_turn = is_in_turn(hit, stack);
    hit->held = !in_turn && ol_step_holds();
    if (!in_turn && !hit->held)
        ol_loop_forget_turn();
    bool judged = in_turn || hit->held;
    bool known = judged && !hit->allowed && ol_site_recall(stack->hash, &hit->site);
    bool found = judged && (known || look_closely(hit, room));
    errno = saved;
    if (found && hit->site.index == OL_SITE_ALLOWED)
        suppress(hit, hit->site.rule);
    else if (found && ol_step_took_back() && hit->site.index != OL_SITE_LOST)
        hit->first |= !ol_site_entry_of(hit->site)->count;
    return found && hit->site.index != OL_SITE_ALLOWED;
}

/* /proc and its like, by allow rules that ask for nothing but the path. */
static bool is_quiet_path(struct ol_hit *hit)
{
    enum ol_argument_kind kind = hit->argument.kind;
    const char *path = hit->argument.text;
    const char *looked_at = ol_self.looked_at;
    ol_self.looked_at = NULL;
    hit->path_asked = false;
    if ((kind != OL_ARGUMENT_text && kind != OL_ARGUMENT_at) || !path ||
        (path != looked_at && !ol_raw_can_read(path)))
        return false;
    hit->path_asked = kind == OL_ARGUMENT_text || hit->argument.number == AT_FDCWD || *path == '/';
    int allowed = ol_allow_by_path(hit->rule, path);
    if (allowed >= 0)
        suppress(hit, (unsigned)allowed);
    return allowed >= 0;
}

/* What the policy does beside counting. False: the call must not happen. */
static bool act(struct ol_hit *hit)
{
    enum ol_action action = ol_guest.policy.action[hit->site.rule];
    if (action <= OL_ACTION_report || (hit->held && !ol_self.steps.repeated))
        return true;
    bool blocks = action == OL_ACTION_block && can_block(hit);
    if (hit->site.index != OL_SITE_LOST && blocks)
        atomic_fetch_add_explicit(&ol_site_entry_of(hit->site)->blocked, 1, memory_order_relaxed);
    if (hit->first && blocks)
        ol_live_tell(hit->site, 0, "blocked");
    if (action == OL_ACTION_abort) {
        ol_live_tell(hit->site, 0, "aborting");
        ol_live_stack(hit->site);
        ol_raw_raise(SIGABRT);
        ol_raw_sigaction_default(SIGABRT);
        ol_raw_raise(SIGABRT);
    }
    if (action == OL_ACTION_trap)
        ol_raw_raise(SIGTRAP);
    return !blocks;
}

/* vfork's child has our memory, and may not come back. On x86-64 shim/vfork.c disarms it. */
static inline bool is_vfork_child(void)
{
#ifdef __x86_64__
    return false;
#else
    return ol_raw_getpid() != ol_guest.pid;
#endif
}

/* The facts of `hit` are there: `call` or `named`, and `rule`. `stack` is the entry's frame. */
static bool judge(struct ol_hit *hit, const void *caller, const struct ol_argument *argument,
                  enum ol_when when, uintptr_t stack)
{
    hit->counted = false;
    hit->slow_only = false;
    hit->allowed = 0;
    hit->added_ns = 0;
    if (is_vfork_child())
        return true;
    ol_self.armed = false;
    ol_self.inside = true;
    ol_self.inside_stack = stack;
    hit->caller = caller;
    hit->argument = *argument;
    if (!hit->named && ol_wait_may_be(hit->rule, when) && !ol_wait_name(hit, &when))
        return true;
    if (is_ignored(hit->rule) || is_allowed(hit->rule))
        return true;
    hit->slow_only = when != OL_COUNTS;
    hit->file_only = when == OL_IF_SLOW_FILE;
    hit->at_offset = when == OL_IF_SLOW_AT;
    hit->least = ol_guest.options.slow_ms * INT64_C(1000000);
    if (!is_quiet_path(hit) && !hit->slow_only && find_site(hit)) {
        ol_tally_count(hit);
        if (!act(hit)) {
            ol_self.inside = false;
            ol_self.armed = ol_self.is_loop;
            return false;
        }
    }
    if (hit->counted || hit->slow_only)
        ol_tally_start(hit);
    return true;
}

bool ol_gate_judge(struct ol_hit *hit, enum ol_call call, unsigned rule, const void *caller,
                   const struct ol_argument *argument, enum ol_when when)
{
    hit->call = call;
    hit->named = NULL;
    hit->rule = when & OL_RECEIVES ? OL_RULE_recv : when & OL_SENDS ? OL_RULE_send : rule;
    return judge(hit, caller, argument, when & ~(unsigned)(OL_RECEIVES | OL_SENDS),
                 (uintptr_t)__builtin_frame_address(0));
}

/* On a thread that is no loop nothing is prepared yet: the record, libunwind, the thread's id. */
bool ol_gate_enter_named(struct ol_hit *hit, const struct ol_gate_function *function,
                         const void *caller, const struct ol_argument *argument)
{
    ol_self.inside = true;
    ol_self.inside_stack = (uintptr_t)__builtin_frame_address(0);
    hit->named = function;
    hit->rule = function->rule;
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    if (!ol_self.is_loop && !ol_guest_prepare()) {
        hit->counted = hit->slow_only = false;
        return true;
    }
    enum ol_when when = function->slow_only ? OL_IF_SLOW : OL_COUNTS;
    return judge(hit, caller, argument, when, ol_self.inside_stack);
}

bool ol_gate_enter(struct ol_hit *hit, enum ol_call call, unsigned rule, const void *caller,
                   const struct ol_argument *argument)
{
    return ol_gate_judge(hit, call, rule, caller, argument, OL_COUNTS);
}

/* It can not be blocked any more. */
void ol_gate_is_slow(struct ol_hit *hit)
{
    if (!hit->slow_only)
        return;
    unsigned allowed = hit->allowed;
    hit->slow_only = false;
    if (!find_site(hit))
        return;
    if (allowed)
        ol_allow_take_back(allowed - 1);
    ol_tally_count(hit);
    if (ol_guest.policy.action[hit->site.rule] != OL_ACTION_block)
        act(hit);
}

void ol_gate_resume(struct ol_hit *hit, const struct ol_gate_rest *rest, enum ol_call call,
                    const void *caller, const struct ol_argument *argument)
{
    ol_self.armed = false;
    ol_self.inside = true;
    hit->call = call;
    hit->named = NULL;
    hit->rule = ol_calls[call].rule;
    hit->caller = caller;
    hit->argument = *argument;
    hit->site = rest->site;
    hit->counted = rest->counted;
    hit->held = rest->held;
    hit->added_ns = rest->added_ns;
    hit->first = false;
    hit->slow_only = false;
    hit->allowed = 0;
    if (hit->counted)
        ol_tally_start(hit);
}

static void tell(const struct ol_hit *hit, int64_t now)
{
    if (hit->held)
        ol_step_tell_later(hit->site);
    else if (ol_import_is(hit->site))
        ol_import_tell_later();
    else
        ol_live_hit(hit->site, (uint64_t)(now - hit->started));
}

void ol_gate_tell(struct ol_hit *hit, const char *instead)
{
    if (!hit->counted || !hit->first)
        return;
    hit->first = false;
    ol_live_tell(hit->site, 0, instead);
    if (ol_guest.policy.action[hit->site.rule] == OL_ACTION_backtrace)
        ol_live_stack(hit->site);
}

struct ol_site_ref ol_gate_place(const struct ol_gate_function *function, const void *caller)
{
    struct ol_site_ref known = {.index = OL_SITE_LOST};
    if (is_ignored(function->rule) ||
        ol_site_recall(key_of(ol_stack_hash_python(caller), function->rule), &known))
        return known;
    struct ol_hit hit = {.named = function, .rule = function->rule, .caller = caller};
    bool armed = ol_self.armed;
    bool inside = ol_self.inside;
    ol_self.armed = false;
    ol_self.inside = true;
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    bool found = find_site(&hit);
    ol_self.inside = inside;
    ol_self.armed = armed;
    return found ? hit.site : known;
}

void ol_gate_count_place(uint32_t index, const char *argument, const char *instead)
{
    struct ol_site_ref site = {.index = index};
    struct ol_site_entry *entry = ol_site_entry_of(site);
    atomic_fetch_add_explicit(&ol_recorder->hits, 1, memory_order_relaxed);
    atomic_store_explicit(&entry->last_ns, ol_raw_now(), memory_order_relaxed);
    if (atomic_fetch_add_explicit(&entry->count, 1, memory_order_relaxed))
        return;
    entry->argument = ol_recorder_string(argument);
    ol_live_tell(site, 0, instead);
}

static __attribute__((noinline)) void show_anew(const struct ol_hit *hit, uint64_t ns)
{
    struct ol_room *room = ol_room_get();
    if (!room)
        return;
    int saved = errno;
    ol_stack_capture(&room->stack, hit->caller);
    struct ol_site_facts facts = describe(hit, room);
    ol_worst_keep(hit->site, &facts, ns);
    errno = saved;
}

/* The report shows the stack and argument of a site's longest hit. An import's are always the
 * same. */
static void show(struct ol_hit *hit, uint64_t ns)
{
    if (ol_import_is(hit->site) || (hit->named && hit->named->anywhere))
        return;
    if (hit->first)
        ol_worst_begin(hit->site, ns);
    else if (OL_UNLIKELY(ol_worst_is(hit->site, ns)))
        show_anew(hit, ns);
}

void ol_gate_leave(struct ol_hit *hit)
{
    int64_t now = hit->counted || hit->slow_only ? ol_raw_now() : 0;
    while (hit->slow_only && ol_tally_was_slow(hit, now)) /* again when an allow rule covers it */
        ol_gate_is_slow(hit);
    if (hit->counted) {
        ol_tally_add(hit, now);
        show(hit, (uint64_t)(now - hit->started));
        if (hit->first)
            tell(hit, now);
    }
    ol_self.inside = false;
    ol_self.armed = ol_self.is_loop && !ol_guest.exiting;
    if (OL_UNLIKELY(!ol_self.turn_started))
        ol_loop_turn_again();
}
