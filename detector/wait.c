/* SPDX-License-Identifier: MIT */
/* Waits by what they are for. The contract is in wait.h. */
#include "wait.h"

#include <errno.h>
#include <poll.h>

#include "hash.h"
#include "rawio.h"
#include "scratch.h"

/* What is known of a stack, kept where sites are: the rule, and this in place of the site. */
enum { IN_C, IN_FRAMES };

static struct ol_site_ref look(struct ol_stack *stack, unsigned rule)
{
    bool in_frames;
    ol_stack_add_native(stack);
    const struct ol_runtime_stack whole = {.frames = stack->frames,
                                           .count = stack->count,
                                           .native = stack->native,
                                           .native_count = stack->native_count,
                                           .marks = &stack->marks};
    unsigned found = stack->runtime->wait(&whole, rule != OL_RULE_sem_wait, &in_frames);
    return (struct ol_site_ref){.index = in_frames ? IN_FRAMES : IN_C,
                                .rule = (uint16_t)(found == OL_RUNTIME_NO_WAIT ? rule : found)};
}

/* A wait of the standard library's asks first whether there is something to wait for: a pipe that
 * has something, a child that has ended (its descriptor is ready), a thread that has run. */
static bool is_over(const struct ol_call *call, const struct ol_stack *stack)
{
    enum { MOST = 64 };
    struct pollfd fds[MOST];
    int64_t count = call->argument.number;
    if (call->argument.kind == OL_ARGUMENT_polled)
        return count >= 0 && count <= MOST &&
               ol_raw_peek(call->argument.detail, fds, (size_t)count * sizeof *fds) &&
               ol_raw_is_ready(fds, (unsigned)count);
    return call->rule == OL_RULE_join && stack->runtime->has_run &&
           stack->runtime->has_run(&stack->frames[0]);
}

static bool name(struct ol_call *call, struct ol_stack *stack, enum ol_when *when)
{
    unsigned rule = call->rule;
    ol_stack_capture(stack, call->caller);
    if (!stack->count || !stack->runtime->wait)
        return true;
    struct ol_site_ref known;
    uint64_t key = ol_hash_mix(stack->hash, OL_RULE_COUNT + rule);
    if (!ol_site_recall(key, &known)) {
        known = look(stack, rule);
        ol_site_remember(key, known);
    }
    if (known.rule == rule) /* a thread that said that it ends is joined by CPython 3.13 for good */
        return !(rule == OL_RULE_join && known.index == IN_FRAMES);
    call->rule = known.rule;
    *when = OL_COUNTS;
    return known.index != IN_FRAMES || !is_over(call, stack);
}

bool ol_wait_name(struct ol_call *call, enum ol_when *when)
{
    int saved = errno;
    struct ol_scratch *scratch = ol_runtime_any() ? ol_scratch_get() : NULL;
    bool waits = !scratch || name(call, &scratch->stack, when);
    errno = saved;
    return waits;
}
