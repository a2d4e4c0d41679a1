/* SPDX-License-Identifier: MIT */
/* Stacks. The only file that uses libunwind; called by the gate. The contract is in stack.h. */
#include "stack.h"

#include <pthread.h>
#include <string.h>

#include "../arch/arch.h"
#include "forking.h"
#include "hash.h"
#include "interceptor.h"
#include "module.h"
#include "recorder.h"
#include "sandbox.h"
#include "signal_frame.h"
#include "unwinder_use.h"

static _Atomic bool by_steps; /* code was unloaded at some time, or the cache can't be had */

/* Frame by frame: ten times slower than unw_backtrace, whose per-thread cache can't be emptied. */
static __attribute__((noinline)) int step_through(void *frames[static OL_STACK_MAX])
{
    unw_context_t context;
    unw_cursor_t cursor;
    unw_word_t address;
    int count = 0;
    if (!ol_unwinder_steps() || OL_ARCH_FILL(ol_unwinder.getcontext, &context) != 0 ||
        ol_unwinder.start(&cursor, &context) != 0)
        return 0;
    while (count < OL_STACK_MAX && ol_unwinder.step(&cursor) > 0 &&
           ol_unwinder.get(&cursor, UNW_REG_IP, &address) == 0)
        frames[count++] = (void *)address;
    return count;
}

/* The cache of unw_backtrace takes one, and does not look whether it got it. */
static bool has_a_key(void)
{
    pthread_key_t key;
    return pthread_key_create(&key, NULL) == 0 && pthread_key_delete(key) == 0;
}

static bool may_cache(void)
{
    static _Atomic bool asked; /* twice does no harm */
    if (!asked) {
        if (!has_a_key())
            by_steps = true;
        asked = true;
    }
    return !by_steps;
}

static unsigned walk_stack(void *frames[static OL_STACK_MAX], bool again)
{
    if (!ol_unwinder_is_there() || !ol_sandbox_lends())
        return 0;
    ol_forking_enter();
    int count = (ol_unwinder_steps() && !again) || !may_cache()
                    ? step_through(frames)
                    : ol_unwinder.backtrace(frames, OL_STACK_MAX);
    ol_forking_leave();
    return count > 0 ? (unsigned)count : 0;
}

unsigned ol_stack_native(void *frames[static OL_STACK_MAX])
{
    return walk_stack(frames, true);
}

unsigned ol_stack_native_once(void *frames[static OL_STACK_MAX])
{
    return walk_stack(frames, false);
}

/* libunwind keeps locks while it looks something up; the thread that holds one is not here. */
void ol_stack_forked(void)
{
    bool seen = ol_forking_was_seen();
    bool left_behind = ol_forking_left_behind() && ol_unwinder_is_there();
    ol_unwinder_forked(seen, left_behind);
    if (!left_behind)
        return;
    ol_recorder_blind_spot(
        "native stacks of a forked process",
        "forked while another thread's stack was read: only the caller is known");
}

bool ol_stack_warm(void)
{
    static void *frames[OL_STACK_MAX];
    return ol_unwinder_load() && ol_stack_native_once(frames);
}

/* Return addresses from the caller of the wrapped function outwards: our own frames are dropped,
 * those of a sanitizer that is linked into the caller, and what a signal has interrupted. */
static unsigned native_frames(struct ol_stack *stack)
{
    void **frames = stack->native;
    const void *caller = stack->caller;
    unsigned all = walk_stack(frames, !stack->count);
    unsigned count = ol_signal_cut(frames, all);
    unsigned first = 0;
    stack->interrupted = count < all;
    while (first < count && frames[first] != caller)
        first++;
    if (first >= count) {
        memcpy(frames, &caller, sizeof caller);
        return 1;
    }
    first += ol_interceptor_frames(frames + first, count - first);
    memmove(frames, frames + first, sizeof *frames * (count - first));
    return count - first;
}

static uint64_t start_of(const void *caller)
{
    return ol_hash_mix(OL_HASH_START, (uintptr_t)caller);
}

uint64_t ol_stack_hash_frames(const void *caller)
{
    return ol_runtime_mix(start_of(caller), OL_RUNTIME_FRAMES);
}

void ol_stack_add_native(struct ol_stack *stack)
{
    if (!stack->native_count)
        stack->native_count = native_frames(stack);
}

static uint64_t add_native(uint64_t hash, const struct ol_stack *stack)
{
    for (unsigned i = 0; i < stack->native_count; i++)
        hash = ol_hash_mix(hash, (uintptr_t)stack->native[i]);
    return hash;
}

bool ol_stack_learn_signals(struct ol_stack *stack)
{
    ol_stack_add_native(stack);
    if (!ol_signal_learn(stack->native, stack->native_count))
        return false;
    unsigned count = ol_signal_cut(stack->native, stack->native_count);
    stack->interrupted |= count < stack->native_count;
    stack->native_count = count;
    if (!stack->count)
        stack->hash = add_native(start_of(stack->caller), stack);
    return !stack->count;
}

void ol_stack_capture(struct ol_stack *stack, const void *caller)
{
    stack->caller = caller;
    stack->native_count = 0;
    stack->count = ol_runtime_walk(stack->frames, OL_RUNTIME_FRAMES, &stack->runtime);
    uint64_t hash = start_of(caller);
    if (stack->count) {
        stack->hash = stack->runtime->mix_frames(hash, stack->frames, stack->count);
        return;
    }
    ol_stack_add_native(stack);
    stack->hash = add_native(hash, stack);
}

/* Where the return address stands by which the cursor stepped last; `top` is the stack pointer
 * there. NULL: nowhere. */
static const uintptr_t *cell_below(unw_cursor_t *cursor, unw_word_t top)
{
    unw_save_loc_t place;
    if (OL_ARCH_LINK < 0)
        return (const uintptr_t *)top - 1;
    if (!ol_unwinder.saved || ol_unwinder.saved(cursor, OL_ARCH_LINK, &place) != 0 ||
        place.type != UNW_SLT_MEMORY)
        return NULL;
    return (const uintptr_t *)place.u.addr;
}

static void visit_frames(ol_stack_visitor *visit, void *context)
{
    unw_context_t machine;
    unw_cursor_t cursor;
    unw_word_t address = 0;
    unw_word_t outer = 0;
    unw_word_t top = 0;
    if (OL_ARCH_FILL(ol_unwinder.getcontext, &machine) != 0 ||
        ol_unwinder.start(&cursor, &machine) != 0 ||
        ol_unwinder.get(&cursor, UNW_REG_IP, &address) != 0)
        return;
    for (unsigned i = 0; i < OL_STACK_MAX; i++, address = outer) {
        if (ol_unwinder.step(&cursor) <= 0 || ol_unwinder.get(&cursor, UNW_REG_SP, &top) != 0 ||
            ol_unwinder.get(&cursor, UNW_REG_IP, &outer) != 0)
            return;
        struct ol_stack_cell cell = {cell_below(&cursor, top), outer};
        if (!visit(context, address, cell))
            return;
    }
}

void ol_stack_visit(ol_stack_visitor *visit, void *context)
{
    if (!ol_unwinder_steps() || !ol_sandbox_lends())
        return;
    ol_forking_enter();
    visit_frames(visit, context);
    ol_forking_leave();
}

void ol_stack_forget(void)
{
    ol_module_forget();
    if (ol_unwinder_is_there() && ol_unwinder.flush && ol_unwinder.space)
        ol_unwinder.flush(*ol_unwinder.space, 0, 0);
    by_steps = true;
}
