/* SPDX-License-Identifier: MIT */
/* Stacks. The only file that uses libunwind. The contract is in stack.h. */
#include "stack.h"

#include <pthread.h>
#include <string.h>

#include "../arch/arch.h"
#include "forking.h"
#include "hash.h"
#include "interceptor.h"
#include "module.h"
#include "rawio.h"
#include "recorder.h"
#include "sandbox.h"
#include "signal_frame.h"
#include "unwinder_use.h"

#define FARTHEST (UINT64_C(8) << 20) /* from a frame to its caller's */

static _Atomic bool by_steps; /* code was unloaded at some time, or the cache can't be had */

/* A walk, at one frame. */
struct steps {
    unw_cursor_t cursor;
    unw_word_t top;            /* the stack pointer */
    bool by_records;           /* libunwind can't go on */
    uintptr_t record;          /* then: what the frame pointer points to */
    uintptr_t address;         /* in the function */
    struct ol_stack_cell cell; /* of the function that it called */
};

/* Where the return address stands by which the cursor stepped last. NULL: not known. */
static const uintptr_t *place_of(struct steps *at)
{
    unw_save_loc_t saved;
    if (OL_ARCH_LINK < 0)
        return (const uintptr_t *)at->top - 1;
    if (!ol_unwinder.saved || ol_unwinder.saved(&at->cursor, OL_ARCH_LINK, &saved) != 0 ||
        saved.type != UNW_SLT_MEMORY)
        return NULL;
    return (const uintptr_t *)saved.u.addr;
}

/* Frame pointers lead outwards, from a frame to one that is not far. */
static bool follow_record(struct steps *at)
{
    uintptr_t record[2];
    if (at->record % sizeof(uintptr_t) || !ol_raw_peek((void *)at->record, record, sizeof record))
        return false;
    if (record[0] && record[0] - at->record > FARTHEST)
        return false;
    at->cell = (struct ol_stack_cell){(const uintptr_t *)at->record + 1, record[1]};
    at->address = ol_arch_unsigned(record[1]);
    at->record = record[0];
    return at->address != 0;
}

static bool begin_records(struct steps *at)
{
    unw_word_t record;
    at->by_records = ol_unwinder.get(&at->cursor, OL_ARCH_FRAME, &record) == 0;
    at->record = record;
    return at->by_records;
}

static bool begin(struct steps *at, unw_context_t *context)
{
    at->top = 0;
    at->address = 0;
    at->by_records = false;
    return ol_unwinder.start(&at->cursor, context) == 0;
}

/* With a return address in a register, libunwind guesses that it still is there: code without rules
 * for unwinding, and before 1.7 code that signs its return addresses. Then nothing has changed. */
static bool step(struct steps *at)
{
    unw_word_t address, top = at->top;
    if (at->by_records)
        return follow_record(at);
    if (ol_unwinder.step(&at->cursor) <= 0 ||
        ol_unwinder.get(&at->cursor, UNW_REG_IP, &address) != 0 ||
        ol_unwinder.get(&at->cursor, UNW_REG_SP, &at->top) != 0)
        return false;
    if (OL_ARCH_LINK >= 0 && address == at->address && top == at->top)
        return begin_records(at) && follow_record(at);
    at->cell = (struct ol_stack_cell){place_of(at), address};
    at->address = ol_arch_unsigned(address);
    return at->address == address || begin_records(at);
}

/* Frame by frame: ten times slower than unw_backtrace, whose per-thread cache can't be emptied. */
static __attribute__((noinline)) int step_through(void *frames[static OL_STACK_MAX])
{
    unw_context_t context;
    struct steps at; /* the cursor is large */
    int count = 0;
    if (!ol_unwinder_steps() || OL_ARCH_FILL(ol_unwinder.getcontext, &context) != 0 ||
        !begin(&at, &context))
        return 0;
    while (count < OL_STACK_MAX && step(&at))
        frames[count++] = (void *)at.address;
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
        if (!has_a_key() || !OL_ARCH_HAS_TRACE)
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

static void visit_frames(ol_stack_visitor *visit, void *context)
{
    unw_context_t machine;
    struct steps at;
    unw_word_t address = 0;
    if (OL_ARCH_FILL(ol_unwinder.getcontext, &machine) != 0 || !begin(&at, &machine) ||
        ol_unwinder.get(&at.cursor, UNW_REG_IP, &address) != 0)
        return;
    for (unsigned i = 0; i < OL_STACK_MAX && step(&at); i++, address = at.address)
        if (!visit(context, address, at.cell))
            return;
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
