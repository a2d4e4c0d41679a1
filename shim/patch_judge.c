/* What a stub asks: is this call wrong here? Called by patch_<cpu>.S; the contract is in patch.h.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../detector/affinity.h"
#include "../detector/gate.h"
#include "../detector/guest.h"
#include "../detector/rawio.h"
#include "patch.h"

_Static_assert(offsetof(struct ol_thread, armed) == 0, "patch_<cpu>.S reads the first byte");
_Static_assert(sizeof(struct ol_patch_slot) == 32, "patch_<cpu>.S counts slots by 32 bytes");
_Static_assert(offsetof(struct ol_patch_slot, anywhere) == 8, "patch_<cpu>.S reads it there");
_Static_assert(offsetof(struct ol_patch_frame, vectors) == 80, "VECTORS");
_Static_assert(offsetof(struct ol_patch_frame, slot) == 208, "SLOT");
_Static_assert(offsetof(struct ol_patch_frame, stack) == 216, "STACK");
_Static_assert(offsetof(struct ol_patch_frame, caller) == 224, "CALLER");
_Static_assert(sizeof(struct ol_patch_frame) == 240, "SIZE");

#ifdef __x86_64__
#define REGISTERS 6
#else
#define REGISTERS 8
#endif
#define PAGE 4096u

uint64_t ol_patch_argument(const struct ol_patch_frame *frame, unsigned number)
{
    uint64_t word;
    if (number < REGISTERS)
        return frame->words[number];
    memcpy(&word, frame->stack + (number - REGISTERS) * sizeof word, sizeof word);
    return word;
}

/* A coroutine's stack may end right behind its first frame: not past the page unless the next one
 * is there. */
void ol_patch_call_all(struct ol_patch_frame *frame, const void *real)
{
    size_t size = OL_PATCH_STACK;
    size_t left = PAGE - (uintptr_t)frame->stack % PAGE;
    char byte;
    if (left < size && !ol_raw_peek(frame->stack + left, &byte, 1))
        size = left;
    ol_patch_call(frame, real, size);
}

static const void *pointer(const struct ol_patch_frame *frame, unsigned number)
{
    return (const void *)(uintptr_t)ol_patch_argument(frame, number);
}

/* `words` say what is wrong with the thread, "" for a function that blocks. */
static struct ol_argument shown(const struct ol_patch_frame *frame,
                                const struct ol_function *function, const char *words)
{
    if (words[0])
        return STRING(words);
    return function->shown == OL_NO_ARGUMENT ? NONE : STRING(pointer(frame, function->shown));
}

static void fail(struct ol_patch_frame *frame, const struct ol_function *function)
{
    memset(frame->words, 0, sizeof frame->words);
    memset(frame->vectors, 0, sizeof frame->vectors);
    frame->words[0] = (uint64_t)function->failure;
    errno = EDEADLK;
}

static void call(struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    if (slot->function->learner)
        ol_patch_learn(frame, slot);
    else
        ol_patch_call_all(frame, slot->real);
}

/* Through the gate; the call returns to us, so that its time is known and what it calls inside is
 * part of it. */
static __attribute__((noinline)) void pass(struct ol_patch_frame *frame,
                                           const struct ol_patch_slot *slot, const char *words)
{
    struct ol_hit hit;
    bool in_turn = ol_self.armed;
    struct ol_argument argument = shown(frame, slot->function, words);
    const struct ol_gate_function function = {.name = slot->name,
                                              .rule = slot->function->rule,
                                              .can_block = slot->function->can_fail,
                                              .slow_only = slot->function->slow_only,
                                              .anywhere = slot->anywhere};
    if (ol_gate_enter_named(&hit, &function, frame->caller, &argument)) {
        call(frame, slot);
        ol_gate_leave(&hit);
    } else {
        fail(frame, slot->function);
    }
    if (!in_turn)
        ol_self.armed = false;
}

/* What decides on the loop. */
static const void *object_of(const struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    const struct ol_function *function = slot->function;
    if (function->belongs != OL_BELONGS_argument)
        return NULL;
    const void *object = pointer(frame, function->argument);
    return function->getters[0] ? ol_patch_follow(slot, object) : object;
}

/* On this thread, with these arguments? */
static bool is_wrong(const struct ol_patch_frame *frame, const struct ol_patch_slot *slot,
                     struct ol_text *words)
{
    const struct ol_function *function = slot->function;
    if (!function->judged || !ol_guest.ready || ol_guest.exiting ||
        ol_loop_is_inside((uintptr_t)frame))
        return false;
    if (function->condition != OL_NO_ARGUMENT && !ol_patch_argument(frame, function->condition))
        return false;
    if (function->kind == OL_KIND_blocking)
        return ol_self.armed;
    return ol_affinity_wrong(function, object_of(frame, slot), words);
}

const void *ol_patch_judge(struct ol_patch_frame *frame)
{
    const struct ol_patch_slot *slot = &ol_patch_slots[frame->slot / sizeof *ol_patch_slots];
    char bytes[160];
    struct ol_text words = OL_TEXT(bytes);
    if (is_wrong(frame, slot, &words))
        pass(frame, slot, bytes);
    else if (slot->function->learner)
        call(frame, slot);
    else
        return slot->real;
    return NULL;
}
