/* SPDX-License-Identifier: MIT */
/* Which waits make a loop. The contract is in loop_makes.h. */
#include "loop_makes.h"

#include <errno.h>

#include "loop_rule.h"
#include "loop_wait.h"
#include "module.h"
#include "prepare.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "run.h"
#include "scratch.h"
#include "stack.h"
#include "text.h"
#include "thread.h"

static const struct ol_loop_rule *find_by_module(const void *address)
{
    struct ol_module module;
    return ol_module_find(address, &module)
               ? ol_loop_rule_find(true, true, ol_module_base_name(module.path))
               : NULL;
}

static void look_through_stack(void *context)
{
    const struct ol_loop_rule **found = context;
    void *frames[OL_STACK_MAX];
    unsigned count = ol_prepare_loops() ? ol_stack_native_once(frames) : 0;
    for (unsigned i = 0; i < count && !*found; i++)
        *found = find_by_module((const char *)frames[i] - 1);
}

static const struct ol_loop_rule *find_by_stack(const void *caller)
{
    const struct ol_loop_rule *found = find_by_module(caller);
    if (!found)
        ol_scratch_run(look_through_stack, &found);
    return found;
}

static void note(const struct ol_loop_rule *rule)
{
    char bytes[200];
    struct ol_text what = OL_TEXT(bytes);
    ol_text_add(&what, "threads that wait as loops do: no-loop ");
    ol_text_add(&what, rule->condition);
    ol_recorder_blind_spot(bytes, "a rule says that they are none");
}

static bool forbids(const struct ol_wait *wait)
{
    if (ol_self.no_loop_caller == wait->caller && ol_self.no_loop_stack == wait->stack)
        return true;
    int saved = errno; /* the loader changes it */
    char name[16];
    const struct ol_loop_rule *rule = ol_loop_rule_has(false, true) && ol_raw_thread_name(name) == 0
                                          ? ol_loop_rule_find(false, true, name)
                                          : NULL;
    if (!rule && ol_loop_rule_has(true, true))
        rule = find_by_stack(wait->caller);
    if (rule)
        note(rule);
    ol_self.no_loop_caller = rule ? wait->caller : NULL;
    ol_self.no_loop_stack = wait->stack;
    errno = saved;
    return rule;
}

static struct ol_module_seen reactors = {.name = "rubyeventmachine"};

/* The stack shows a reactor that waits through an interpreter. */
static bool reactor_waits(const struct ol_wait *wait)
{
    struct ol_run run;
    if (!ol_module_was_loaded(&reactors))
        return false;
    if (ol_self.runner.count && ol_self.wait_stack == wait->stack && ol_run_stands(&ol_self.runner))
        return true;
    int saved = errno;
    ol_run_find(&run);
    errno = saved;
    return run.kind != OL_RUN_none;
}

/* Is this wait, which is none for an epoll descriptor, a loop's for who calls it? One look-up per
 * caller in a row. */
bool ol_loop_called_by_library(const struct ol_wait *wait)
{
    unsigned least = ol_loop_wait_rows[wait->kind].trusted;
    if (ol_self.wait_caller != wait->caller) {
        struct ol_module module;
        bool found = ol_module_find(wait->caller, &module);
        ol_self.caller_loops_by = found ? (uint8_t)ol_module_loops_by(module.path) : 0;
        if (found && ol_loop_rule_find(true, false, ol_module_base_name(module.path)))
            ol_self.caller_loops_by = OL_LOOPS_BY_rings;
        ol_self.wait_caller = wait->caller;
    }
    /* by poll() the interpreter sleeps, or waits for one descriptor: below a callback too */
    return ol_self.caller_loops_by >= least ||
           (ol_self.caller_loops_by == OL_LOOPS_BY_reactors && wait->kind == OL_WAIT_select &&
            reactor_waits(wait));
}

bool ol_loop_never_makes(const struct ol_wait *wait)
{
    if (ol_process.loop_choice.glob_count || ol_loop_rule_has(false, false) ||
        (ol_self.has_epoll && ol_loop_wait_is_for_set(wait->kind)))
        return false;
    return !(ol_self.wait_caller == wait->caller &&
             ol_self.caller_loops_by == OL_LOOPS_BY_reactors && reactors.there);
}

/* Is this the way that loops wait? */
static bool waits_as_loops(const struct ol_wait *wait)
{
    return ol_loop_wait_rows[wait->kind].trusted == OL_LOOPS_BY_none ||
           ol_loop_choice_waits(&ol_process.loop_choice, wait->kind) ||
           ol_loop_called_by_library(wait);
}

bool ol_loop_names(const char *name)
{
    return ol_loop_choice_names(&ol_process.loop_choice, name) ||
           ol_loop_rule_find(false, false, name);
}

static bool named_by_user(void)
{
    char name[16];
    return (ol_process.loop_choice.glob_count || ol_loop_rule_has(false, false)) &&
           ol_raw_thread_name(name) == 0 && ol_loop_names(name);
}

/* Whether the user's OFFLOOP_LOOP lets this thread be a loop by this wait. */
bool ol_loop_makes(const struct ol_wait *wait)
{
    const struct ol_loop_choice *choice = &ol_process.loop_choice;
    if (!waits_as_loops(wait))
        return named_by_user();
    if (choice->automatic)
        return true;
    return (choice->main_only && ol_raw_gettid() == ol_process.pid) || named_by_user();
}

/* A `no-loop` line; what the user names is one all the same. */
bool ol_loop_makes_none(const struct ol_wait *wait)
{
    return !named_by_user() && forbids(wait);
}
