/* SPDX-License-Identifier: MIT */
/* What a stub asks: is this call wrong here? The contract is in patch.h. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../../arch/arch.h"
#include "../../detector/affinity.h"
#include "../../detector/gate.h"
#include "../../detector/loop.h"
#include "../../detector/process.h"
#include "../../detector/rawio.h"
#include "../../detector/recorder.h"
#include "../../detector/thread.h"
#include "back.h"
#include "patch.h"

_Static_assert(offsetof(struct ol_thread, armed) == 0, "arch/<cpu>/patch.S reads the first byte");

#define LIES(type, field, offset)                                                                  \
    _Static_assert(offsetof(struct type, field) == (offset), "as in arch/patch_frame.h")
LIES(ol_patch_slot, real, 0);
LIES(ol_patch_slot, anywhere, OL_SLOT_ANYWHERE);
LIES(ol_patch_slot, plain, OL_SLOT_PLAIN);
LIES(ol_patch_frame, words, OL_FRAME_WORDS);
LIES(ol_patch_frame, vectors, OL_FRAME_VECTORS);
LIES(ol_patch_frame, slot, OL_FRAME_SLOT);
LIES(ol_patch_frame, stack, OL_FRAME_STACK);
LIES(ol_patch_frame, caller, OL_FRAME_CALLER);
LIES(ol_patch_frame, back, OL_FRAME_BACK);
LIES(ol_patch_frame, real, OL_FRAME_REAL);
LIES(ol_patch_frame, frame, OL_FRAME_SIZE);
LIES(ol_patch_back, frame, 0);
LIES(ol_patch_back, address, 8);
_Static_assert(sizeof(struct ol_patch_slot) == OL_SLOT_SIZE, "as in arch/patch_frame.h");

#define REGISTERS OL_ARCH_REGISTERS
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
        return OURS(words);
    return function->shown == OL_NO_ARGUMENT ? NONE : STRING(pointer(frame, function->shown));
}

static void fail(struct ol_patch_frame *frame, const struct ol_function *function)
{
    memset(frame->words, 0, sizeof frame->words);
    memset(frame->vectors, 0, sizeof frame->vectors);
    frame->words[0] = (uint64_t)function->failure;
    errno = EDEADLK;
}

/* A call that is wrong here, while it goes on. */
struct judged {
    bool in_turn;
    char words[160]; /* what is wrong with the thread */
    struct ol_gate_function function;
    struct ol_call hit;
};

/* The one that is not over yet: one a thread, since what is called inside belongs to it. Not on the
 * stack, which is the program's from the caller's frame on. One that never returned gives way to
 * the next. */
static __thread struct {
    const struct ol_patch_back *back; /* NULL: none */
    uintptr_t stack;
    struct judged call;
} pending __attribute__((tls_model("initial-exec")));

/* Through the gate. False: it must not happen. */
static bool enter(struct judged *call, struct ol_patch_frame *frame,
                  const struct ol_patch_slot *slot, const char *words)
{
    struct ol_text kept = OL_TEXT(call->words);
    ol_text_add(&kept, words);
    struct ol_argument argument = shown(frame, slot->function, call->words);
    call->in_turn = ol_self.armed;
    call->function = (struct ol_gate_function){.name = slot->name,
                                               .rule = slot->function->rule,
                                               .can_block = slot->function->can_fail,
                                               .slow_only = slot->function->slow_only,
                                               .anywhere = slot->anywhere};
    if (ol_gate_enter_named(&call->hit, &call->function, frame->caller, &argument))
        return true;
    fail(frame, slot->function);
    if (!call->in_turn)
        ol_self.armed = false;
    return false;
}

static void leave(struct judged *call)
{
    ol_gate_leave(&call->hit);
    if (!call->in_turn)
        ol_self.armed = false;
}

/* On the thread on which it began: a coroutine may return elsewhere. */
void ol_patch_is_over(struct ol_patch_back *back, uintptr_t stack)
{
    if (pending.back == back && pending.stack == stack) {
        pending.back = NULL;
        leave(&pending.call);
    }
    ol_patch_back_leave(back);
}

/* The call is to return to us, so that its time is known and what it calls inside is part of it. */
static void pass(struct ol_patch_frame *frame, const struct ol_patch_slot *slot, const char *words)
{
    pending.back = NULL;
    if (!enter(&pending.call, frame, slot, words))
        return;
    frame->real = slot->real;
    frame->back = ol_patch_back_take(frame->frame, frame->caller);
    if (!frame->back) {
        leave(&pending.call);
        ol_recorder_blind_spot(
            "functions of rules files",
            "many of their calls never returned: the time of others is not known");
        return;
    }
    ol_self.inside_stack = (uintptr_t)frame->stack; /* our own frames go before the call begins */
    pending.stack = (uintptr_t)frame->stack;
    pending.back = frame->back;
}

/* A loop may turn inside, and pass() too. */
static __attribute__((noinline)) void
pass_learner(struct ol_patch_frame *frame, const struct ol_patch_slot *slot, const char *words)
{
    struct judged call;
    if (!enter(&call, frame, slot, words))
        return;
    ol_patch_learn(frame, slot);
    leave(&call);
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
    if (!function->judged || !ol_process.ready || ol_process.exiting ||
        ol_loop_is_inside((uintptr_t)frame))
        return false;
    if (function->condition != OL_NO_ARGUMENT && !ol_patch_argument(frame, function->condition))
        return false;
    if (function->kind == OL_KIND_blocking)
        return ol_self.armed;
    return ol_affinity_wrong(function, object_of(frame, slot), words);
}

static __attribute__((noinline)) void judge(struct ol_patch_frame *frame,
                                            const struct ol_patch_slot *slot)
{
    char bytes[sizeof pending.call.words];
    struct ol_text words = OL_TEXT(bytes);
    if (!is_wrong(frame, slot, &words))
        frame->real = slot->real;
    else if (slot->function->learner)
        pass_learner(frame, slot, bytes);
    else
        pass(frame, slot, bytes);
}

void ol_patch_judge(struct ol_patch_frame *frame)
{
    const struct ol_patch_slot *slot = &ol_patch_slots[frame->slot / sizeof *ol_patch_slots];
    frame->back = NULL;
    frame->real = NULL;
    judge(frame, slot);
    if (frame->real && slot->function->learner) {
        frame->real = NULL;
        ol_patch_learn(frame, slot);
    }
}
