/* SPDX-License-Identifier: MIT */
/* The gate: the order in which a call is judged, cheapest first. The contract is in gate.h. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "allow.h"
#include "debug.h"
#include "hit.h"
#include "import.h"
#include "live.h"
#include "loop.h"
#include "prepare.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "scratch.h"
#include "step.h"
#include "tally.h"
#include "thread.h"
#include "wait.h"

static bool is_ignored(unsigned rule)
{
    const struct ol_policy *policy = &ol_process.policy;
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

static bool can_block(const struct ol_call *call)
{
    return call->named ? call->named->can_block : ol_fails[ol_calls[call->id].fail].can_block;
}

/* /proc and its like, by allow rules that ask for nothing but the path. */
static bool is_quiet_path(struct ol_call *call)
{
    enum ol_argument_kind kind = call->argument.kind;
    const char *path = call->argument.text;
    const char *looked_at = ol_self.looked_at;
    ol_self.looked_at = NULL;
    call->path_asked = false;
    if ((kind != OL_ARGUMENT_text && kind != OL_ARGUMENT_at) || !path ||
        (path != looked_at && !ol_raw_can_read(path)))
        return false;
    call->path_asked = kind == OL_ARGUMENT_text || call->argument.number == AT_FDCWD ||
                       *path == '/';
    int allowed = ol_allow_by_path(call->rule, path);
    if (allowed >= 0)
        ol_hit_suppress(call, (unsigned)allowed);
    return allowed >= 0;
}

/* What the policy does beside counting. False: the call must not happen. */
static bool act(struct ol_call *call)
{
    enum ol_action action = ol_process.policy.action[call->site.rule];
    if (action <= OL_ACTION_report || (call->held && !ol_self.steps.repeated))
        return true;
    bool blocks = action == OL_ACTION_block && can_block(call);
    if (call->site.index != OL_SITE_LOST && blocks)
        atomic_fetch_add_explicit(&ol_site_entry_of(call->site)->blocked, 1, memory_order_relaxed);
    if (call->first && blocks)
        ol_live_tell(call->site, 0, "blocked");
    if (action == OL_ACTION_abort) {
        ol_live_tell(call->site, 0, "aborting");
        ol_live_stack(call->site);
        ol_raw_raise(SIGABRT);
        ol_raw_sigaction_default(SIGABRT);
        ol_raw_raise(SIGABRT);
    }
    if (action == OL_ACTION_trap)
        ol_raw_raise(SIGTRAP);
    return !blocks;
}

/* Why a call is no violation, when nothing else is known of it. */
static const char *why_none(const struct ol_call *call)
{
    if (is_ignored(call->rule))
        return "the policy ignores it";
    if (is_allowed(call->rule))
        return "the program allows it (offloop_allow_begin)";
    return "not in a turn of the loop, or it does not wait";
}

static __attribute__((noinline, cold)) void print(const struct ol_call *call, bool happens)
{
    char words[200], kept_words[200], allowed[200];
    struct ol_text all = OL_TEXT(words), kept = OL_TEXT(kept_words), rule = OL_TEXT(allowed);
    ol_argument_write(&call->argument, &all);
    ol_argument_keep(&call->argument, words, &kept);
    const char *name = call->named ? call->named->name : ol_calls[call->id].name;
    const char *of_rule = ol_rule_row(call->counted ? call->site.rule : call->rule)->name;
    if (call->counted)
        ol_debug(gate, "%s(%s): %s of rule %s, called by %p%s", name, kept_words,
                 call->first ? "the first violation here" : "a violation", of_rule, call->caller,
                 happens ? "" : ", blocked");
    else if (call->allowed) {
        const struct ol_word *text = &ol_ruleset.allow[call->allowed - 1].text;
        ol_text_add_bytes(&rule, text->bytes, text->length);
        ol_debug(gate, "%s(%s): suppressed by %s", name, kept_words, allowed);
    } else if (call->slow_only)
        ol_debug(gate, "%s(%s): one of rule %s if it takes %lu", name, kept_words, of_rule,
                 (unsigned long)call->least);
    else
        ol_debug(gate, "%s(%s): none of rule %s: %s", name, kept_words, of_rule, why_none(call));
}

static inline __attribute__((always_inline)) bool decide(struct ol_call *call, const void *caller,
                                                         const struct ol_argument *argument,
                                                         enum ol_when when, uintptr_t stack)
{
    ol_self.armed = false;
    ol_self.inside = true;
    ol_self.inside_stack = stack;
    call->caller = caller;
    call->argument = *argument;
    if (!call->named && ol_wait_may_be(call->rule, when) && !ol_wait_name(call, &when))
        return true;
    if (is_ignored(call->rule) || is_allowed(call->rule))
        return true;
    call->slow_only = when != OL_COUNTS;
    call->file_only = when == OL_IF_SLOW_FILE;
    call->at_offset = when == OL_IF_SLOW_AT;
    call->least = ol_process.options.slow_ms * INT64_C(1000000);
    if (!is_quiet_path(call) && !call->slow_only && ol_hit_find_site(call)) {
        ol_tally_count(call);
        if (!act(call)) {
            ol_self.inside = false;
            ol_self.armed = ol_self.is_loop;
            return false;
        }
    }
    if (call->counted || call->slow_only)
        ol_tally_start(call);
    return true;
}

/* As decide(); a child that vfork() made has our memory, and may not come back: what it calls is no
 * hit (shim/vfork.c disarms it). */
static __attribute__((noinline, cold)) bool look_closely(struct ol_call *call, const void *caller,
                                                         const struct ol_argument *argument,
                                                         enum ol_when when, uintptr_t stack)
{
    if (ol_process_is_another())
        return true;
    bool happens = decide(call, caller, argument, when, stack);
    if (ol_debug_has(OL_DEBUG_gate))
        print(call, happens);
    return happens;
}

/* The facts of `call` are there: `id` or `named`, and `rule`. `stack` is the entry's frame. */
static bool judge(struct ol_call *call, const void *caller, const struct ol_argument *argument,
                  enum ol_when when, uintptr_t stack)
{
    call->counted = false;
    call->slow_only = false;
    call->allowed = 0;
    call->added_ns = 0;
    if (ol_process_is_unseen_child()) { /* no loop: its call is no hit */
        ol_process_at_fork();
        return true;
    }
    return OL_UNLIKELY(ol_process_looks_closely) ? look_closely(call, caller, argument, when, stack)
                                                 : decide(call, caller, argument, when, stack);
}

bool ol_gate_judge(struct ol_call *call, enum ol_call_id id, unsigned rule, const void *caller,
                   const struct ol_argument *argument, enum ol_when when)
{
    call->id = id;
    call->named = NULL;
    call->rule = when & OL_RECEIVES ? OL_RULE_recv : when & OL_SENDS ? OL_RULE_send : rule;
    return judge(call, caller, argument, when & ~(unsigned)(OL_RECEIVES | OL_SENDS),
                 (uintptr_t)__builtin_frame_address(0));
}

/* On a thread that is no loop nothing is prepared yet: the record, libunwind, the thread's id. */
bool ol_gate_enter_named(struct ol_call *call, const struct ol_gate_function *function,
                         const void *caller, const struct ol_argument *argument)
{
    ol_self.inside = true;
    ol_self.inside_stack = (uintptr_t)__builtin_frame_address(0);
    call->named = function;
    call->rule = function->rule;
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    if (!ol_self.is_loop && !ol_prepare_loops()) {
        call->counted = call->slow_only = false;
        return true;
    }
    enum ol_when when = function->slow_only ? OL_IF_SLOW : OL_COUNTS;
    return judge(call, caller, argument, when, ol_self.inside_stack);
}

bool ol_gate_enter(struct ol_call *call, enum ol_call_id id, unsigned rule, const void *caller,
                   const struct ol_argument *argument)
{
    return ol_gate_judge(call, id, rule, caller, argument, OL_COUNTS);
}

/* It can not be blocked any more. */
void ol_gate_is_slow(struct ol_call *call)
{
    if (!call->slow_only)
        return;
    unsigned allowed = call->allowed;
    call->slow_only = false;
    if (!ol_hit_find_site(call))
        return;
    if (allowed)
        ol_allow_take_back(allowed - 1);
    ol_tally_count(call);
    if (ol_debug_has(OL_DEBUG_gate))
        print(call, true);
    if (ol_process.policy.action[call->site.rule] != OL_ACTION_block)
        act(call);
}

void ol_gate_resume(struct ol_call *call, const struct ol_gate_rest *rest, enum ol_call_id id,
                    const void *caller, const struct ol_argument *argument)
{
    ol_self.armed = false;
    ol_self.inside = true;
    call->id = id;
    call->named = NULL;
    call->rule = ol_calls[id].rule;
    call->caller = caller;
    call->argument = *argument;
    call->site = rest->site;
    call->counted = rest->counted;
    call->held = rest->held;
    call->added_ns = rest->added_ns;
    call->first = false;
    call->slow_only = false;
    call->allowed = 0;
    if (call->counted)
        ol_tally_start(call);
}

static void tell(const struct ol_call *call, int64_t now)
{
    if (call->held)
        ol_step_tell_later(call->site);
    else if (ol_import_is(call->site))
        ol_import_tell_later();
    else
        ol_live_hit(call->site, (uint64_t)(now - call->started));
}

void ol_gate_tell(struct ol_call *call, const char *instead)
{
    if (!call->counted || !call->first)
        return;
    call->first = false;
    ol_live_tell(call->site, 0, instead);
    if (ol_process.policy.action[call->site.rule] == OL_ACTION_backtrace)
        ol_live_stack(call->site);
}

struct ol_site_ref ol_gate_place(const struct ol_gate_function *function, const void *caller)
{
    struct ol_site_ref known = {.index = OL_SITE_LOST};
    if (is_ignored(function->rule) ||
        ol_site_recall(ol_hit_key(ol_stack_hash_frames(caller), function->rule), &known))
        return known;
    struct ol_call call = {.named = function, .rule = function->rule, .caller = caller};
    bool armed = ol_self.armed;
    bool inside = ol_self.inside;
    ol_self.armed = false;
    ol_self.inside = true;
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    bool found = ol_hit_find_site(&call);
    ol_self.inside = inside;
    ol_self.armed = armed;
    return found ? call.site : known;
}

void ol_gate_count_place(uint32_t index, const char *argument, const char *instead)
{
    struct ol_site_ref site = {.index = index};
    struct ol_site_entry *entry = ol_site_entry_of(site);
    atomic_fetch_add_explicit(&ol_recorder->hits, 1, memory_order_relaxed);
    atomic_store_explicit(&entry->last_ns, ol_raw_now(), memory_order_relaxed);
    if (atomic_fetch_add_explicit(&entry->count, 1, memory_order_relaxed))
        return;
    char bytes[600];
    struct ol_text kept = OL_TEXT(bytes);
    ol_argument_keep(&OURS(argument), argument, &kept);
    entry->argument = ol_recorder_string(bytes);
    ol_live_tell(site, 0, instead);
}

void ol_gate_leave(struct ol_call *call)
{
    int64_t now = call->counted || call->slow_only ? ol_raw_now() : 0;
    while (call->slow_only && ol_tally_was_slow(call, now)) /* again when an allow rule covers it */
        ol_gate_is_slow(call);
    if (call->counted) {
        ol_tally_add(call, now);
        ol_hit_show(call, (uint64_t)(now - call->started));
        if (call->first)
            tell(call, now);
        else if (!call->held && !ol_import_is(call->site))
            ol_live_again(call->site, (uint64_t)(now - call->started));
    }
    ol_self.inside = false;
    ol_self.armed = ol_self.is_loop && !ol_process.exiting;
    if (OL_UNLIKELY(!ol_self.turn_started))
        ol_loop_turn_again();
}
