/* SPDX-License-Identifier: MIT */
/* Whether the garbage collector runs on the calling thread, and which frames it runs. The contract
 * is in inside.h.
 *
 * The collector starts in whatever line happens to make an object, so what its finalizers do is not
 * that line's doing. It has no frame, and its function has no exported name: of the functions
 * without one that PyGC_Collect() calls it is the largest. Its return address stands on the native
 * stack between the evaluators of the finalizer and of the line. (Its flag `collecting` does not
 * say which thread collects.) */
#include <stdatomic.h>
#include <string.h>

#include "../arch/arch.h"
#include "../detector/module.h"
#include "../detector/symbol.h"
#include "inside.h"

enum { CALLER_MAX = 1024 /* bytes of PyGC_Collect that are looked through */ };

/* --- finding it --- */

static void take_larger(struct ol_pynative_range *best, uintptr_t target)
{
    struct ol_pynative_range found;
    struct ol_module module;
    const void *inside = (const void *)(target + 1);
    if (ol_pynative_range(inside, &found) && found.start == target &&
        found.end - found.start > best->end - best->start && ol_module_find(inside, &module) &&
        !ol_module_symbol(&module, inside))
        *best = found;
}

static struct ol_pynative_range look_for_it(void)
{
    struct ol_pynative_range caller, found = {0};
    const char *entry = ol_symbol_address("PyGC_Collect");
    if (!entry || !ol_pynative_range(entry + 1, &caller) || caller.start != (uintptr_t)entry)
        return found;
    uintptr_t end = caller.end - caller.start < CALLER_MAX ? caller.end : caller.start + CALLER_MAX;
    for (uintptr_t at = caller.start; at + OL_ARCH_CALL_LENGTH <= end; at += OL_ARCH_CALL_STEP) {
        uintptr_t target = ol_arch_called((const unsigned char *)at);
        if (target && target != caller.start)
            take_larger(&found, target);
    }
    return found;
}

/* Whoever looks finds the same. */
static struct ol_pynative_range collector(void)
{
    static struct ol_pynative_range range;
    static _Atomic bool known;
    if (!atomic_load_explicit(&known, memory_order_acquire)) {
        range = look_for_it();
        atomic_store_explicit(&known, true, memory_order_release);
    }
    return range;
}

/* --- whose frames it runs --- */

static bool is_in(const struct ol_pynative_range *range, const void *return_address)
{
    return (uintptr_t)return_address > range->start && (uintptr_t)return_address <= range->end;
}

static bool is_called_from_c(const struct ol_runtime_frame *frame)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (!layout->code_instructions) /* before 3.11 every frame has an evaluator of its own */
        return true;
    if (layout->frame_entry)
        return ol_pyread_word(frame->frame, layout->frame_entry) & 0xff;
    const void *previous = ol_pyread_pointer(frame->frame, layout->frame_previous);
    return !previous || (ol_pyread_word(previous, layout->frame_owner) & 0xff) > 2;
}

/* The number of frames that `evaluators` evaluators run: the innermost ones. */
static unsigned frames_of(unsigned evaluators, const struct ol_runtime_frame *frames,
                          unsigned count)
{
    unsigned run = 0;
    for (; evaluators && run < count; run++)
        evaluators -= is_called_from_c(&frames[run]);
    return run;
}

/* Not when the line asked for it. */
static bool is_asked_for(const struct ol_runtime_frame *frame, void *const *native, unsigned count)
{
    char name[64];
    struct ol_text api = OL_TEXT(name);
    ol_pynative_callee(&api, frame, native, count, false);
    return strcmp(name, "gc.collect") == 0;
}

unsigned ol_pycollector_frames(const struct ol_runtime_frame *frames, unsigned count,
                               void *const *native, unsigned native_count)
{
    struct ol_pynative_range evaluator, range = collector();
    if (!range.start || !ol_pynative_range((const char *)ol_pyruntime.evaluator + 1, &evaluator))
        return OL_NO_INDEX;
    unsigned evaluators = 0;
    for (unsigned i = 0; i < native_count; i++) {
        evaluators += is_in(&evaluator, native[i]);
        if (!is_in(&range, native[i]))
            continue;
        unsigned run = frames_of(evaluators, frames, count);
        return run < count && is_asked_for(&frames[run], native + i, native_count - i) ? OL_NO_INDEX
                                                                                       : run;
    }
    return OL_NO_INDEX;
}
