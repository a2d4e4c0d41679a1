/* SPDX-License-Identifier: MIT */
/* Imports as one hit each. The contract is in import.h. */
#include "import.h"

#include "live.h"
#include "rawio.h"
#include "recorder.h"
#include "rule.h"
#include "step.h"

bool ol_import_may_be(unsigned rule)
{
    if (rule >= OL_RULE_COUNT)
        return false;
    switch (ol_rule_row(rule)->family) {
    case OL_FAMILY_file:
    case OL_FAMILY_metadata:
    case OL_FAMILY_directory:
    case OL_FAMILY_loader:
        return ol_runtime_has_imports();
    default:
        return false;
    }
}

/* Frames that are looked through for a root, when the door is left: it was near. */
#define HOPS 64

/* The root that a call under way was found in. */
static __thread struct ol_import_root found __attribute__((tls_model("initial-exec")));

static bool is_under_way(void)
{
    return ol_self.import.turn && ol_self.import.turn == ol_self.turn_started;
}

static const void *given_to(const struct ol_runtime *runtime, const struct ol_runtime_frame *frame)
{
    return runtime->given ? runtime->given(frame) : NULL;
}

static struct ol_import_root root_at(const struct ol_stack *stack, unsigned index)
{
    const struct ol_runtime_frame *frame = &stack->frames[index];
    const struct ol_runtime_frame *caller = index + 1 < stack->count ? frame + 1 : NULL;
    return (struct ol_import_root){.frame = frame->frame,
                                   .code = frame->code,
                                   .given = given_to(stack->runtime, frame),
                                   .caller = caller ? caller->frame : NULL,
                                   .where = caller ? caller->where : 0};
}

static bool is_same(const struct ol_import_root *one, const struct ol_import_root *other)
{
    return one->frame == other->frame && one->code == other->code && one->given == other->given &&
           one->caller == other->caller && one->where == other->where;
}

void ol_import_look(const struct ol_stack *stack)
{
    struct ol_import *import = &ol_self.import;
    if (!import->goes_on)
        return;
    import->goes_on = false;
    for (unsigned i = stack->count; is_under_way() && i; i--)
        if (stack->frames[i - 1].frame == import->root.frame) {
            struct ol_import_root root = root_at(stack, i - 1);
            import->goes_on = is_same(&root, &import->root);
            return;
        }
}

static struct ol_site_ref site_of_import(void)
{
    return (struct ol_site_ref){.index = ol_self.import.site, .rule = OL_RULE_import};
}

bool ol_import_continues(const struct ol_stack *stack, struct ol_site_ref *site)
{
    if (!ol_self.import.goes_on || !stack->runtime->imports(&stack->frames[0]))
        return false;
    *site = site_of_import();
    return true;
}

bool ol_import_found(const struct ol_stack *stack, unsigned root, struct ol_site_ref *site)
{
    found = root_at(stack, root);
    if (!ol_self.import.goes_on || !is_same(&found, &ol_self.import.root))
        return false;
    *site = site_of_import();
    return true;
}

/* It began when the door was passed; else with the call that shows it. */
static int64_t beginning(void)
{
    return ol_self.import.inside && ol_self.import.inside_turn == ol_self.turn_started
               ? ol_self.import.entered
               : 0;
}

bool ol_import_begins(struct ol_site_ref site, bool held)
{
    struct ol_import *import = &ol_self.import;
    bool same = is_under_way() && import->site == site.index;
    if (same && import->goes_on)
        return false;
    if (!same) {
        ol_import_is_over();
        import->ns = 0;
    }
    import->site = site.index;
    import->turn = ol_self.turn_started;
    import->until = beginning();
    import->others_ns = 0;
    import->root = found;
    import->goes_on = true;
    import->held = held;
    return !same;
}

uint64_t ol_import_add(int64_t started, int64_t now)
{
    struct ol_import *import = &ol_self.import;
    int64_t since = import->until ? import->until : started;
    uint64_t ns = now > since ? (uint64_t)(now - since) : 0;
    ns = ns > import->others_ns ? ns - import->others_ns : 0;
    import->until = now;
    import->others_ns = 0;
    import->ns += ns;
    return ns;
}

void ol_import_leave_out(uint64_t ns)
{
    if (ol_self.import.goes_on && is_under_way())
        ol_self.import.others_ns += ns;
}

void ol_import_tell_later(void)
{
    ol_self.import.untold = true;
}

void ol_import_is_over(void)
{
    struct ol_import *import = &ol_self.import;
    bool untold = import->untold;
    import->goes_on = false;
    import->untold = false;
    if (untold)
        ol_live_hit(site_of_import(), import->ns);
    else if (import->turn && !import->held)
        ol_live_again(site_of_import(), import->ns);
    import->turn = 0;
}

bool ol_import_enter(void)
{
    struct ol_import *import = &ol_self.import;
    if (!ol_self.armed || (import->inside && import->inside_turn == ol_self.turn_started))
        return false;
    import->inside = true;
    import->inside_turn = ol_self.turn_started;
    import->entered = ol_raw_now();
    return true;
}

static void add_rest(void)
{
    int64_t now = ol_raw_now();
    struct ol_site_sum rest = {.ns = ol_import_add(now, now), .last_ns = now};
    rest.max_ns = ol_self.import.ns;
    if (!ol_self.import.held || ol_step_hold(site_of_import(), &rest))
        ol_site_add(site_of_import(), &rest);
}

/* The root of most imports has gone with that. One that imports several modules goes on. */
void ol_import_leave(void)
{
    struct ol_import *import = &ol_self.import;
    struct ol_runtime_frame frames[HOPS];
    const struct ol_runtime *runtime;
    if (!import->inside || import->inside_turn != ol_self.turn_started)
        return;
    import->inside = false;
    if (!import->goes_on || !is_under_way())
        return;
    add_rest();
    unsigned count = ol_runtime_walk(frames, HOPS, &runtime);
    import->goes_on = false;
    for (unsigned i = 0; i < count; i++)
        import->goes_on |= frames[i].frame == import->root.frame &&
                           frames[i].code == import->root.code;
}
