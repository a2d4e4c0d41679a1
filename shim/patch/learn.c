/* SPDX-License-Identifier: MIT */
/* Functions that tell of loops: each is called, and then noted. The table is learn.def, the
 * contract is in patch.h. */
#include <errno.h>

#include "../../detector/affinity.h"
#include "../../detector/gate.h"
#include "../../detector/loop.h"
#include "../../detector/rawio.h"
#include "../../detector/run.h"
#include "../../detector/thread.h"
#include "../real.h"
#include "../waits.h"
#include "patch.h"

enum what {
    LEARN_run, /* what runs a loop comes first */
    LEARN_run_base,
    LEARN_run_init,
    LEARN_gtk,
    LEARN_locking,
    LEARN_base,
    LEARN_init,
    LEARN_unlocked,
    LEARN_made,
    LEARN_as_base,
    LEARN_over,
    LEARN_pair,
    LEARN_part,
    LEARN_alone,
    LEARN_got_lock,
    LEARN_deferred,
    LEARN_freed,
    LEARN_shared,
    LEARN_ring,
    LEARN_closed,
    LEARN_gtk_lock,
};

#define UNUSED OL_NO_ARGUMENT

static const struct learner {
    const char *symbol;
    enum what what;
    uint8_t object;
    uint8_t flags;
    unsigned bit;
} learners[] = {
#define LEARN(symbol, what, object, flags, bit) {#symbol, LEARN_##what, object, flags, bit},
#include "../learn.def"
#undef LEARN
};
#define LEARNERS (sizeof learners / sizeof *learners)

static bool libevent_has_locks;
static const void *_Atomic initial_base; /* of event_init() */

void ol_patch_learn_start(void)
{
    _Static_assert(LEARNERS < UINT8_MAX, "their number is a byte, and not 0");
    for (size_t i = 0; i < LEARNERS; i++)
        ol_function_add_learner(learners[i].symbol, (uint8_t)(i + 1));
}

static void *as_pointer(uint64_t word)
{
    return (void *)(uintptr_t)word;
}

static const void *argument_of(const struct ol_patch_frame *frame, uint8_t number)
{
    return number == UNUSED ? NULL : as_pointer(ol_patch_argument(frame, number));
}

/* Each thread that has run GTK or made it ready: which of them it belongs to is not known then. */
static void note_gtk(void)
{
    if (!ol_affinity_is_mine(ol_affinity_gtk))
        ol_affinity_begin(ol_affinity_gtk, -1);
}

/* A loop being run; the thread may have been one before, by waiting. */
struct run {
    int handle;
    bool was_loop;
    uintptr_t stack;
};

/* On every way out but longjmp(). The loop is over: its descriptor tells no more who runs it. */
static void end_run(struct run *run)
{
    ol_affinity_end(run->handle);
    ol_run_ends(&ol_self.run_seen, run->stack);
    if (!run->was_loop && ol_self.is_loop)
        ol_affinity_left(ol_self.running);
}

/* The thread turns that loop already, by a call that nobody saw: node's own. */
static bool turns_unseen(const struct ol_function *function, const void *loop)
{
    int descriptor;
    return ol_self.is_loop && function->descriptor && ol_self.wait_kind == OL_WAIT_epoll &&
           ol_raw_peek((const char *)loop + function->descriptor, &descriptor, sizeof descriptor) &&
           descriptor == ol_self.wait_fd;
}

static bool is_known(const void *loop)
{
    bool locked;
    return ol_affinity_find(loop, &loop, &locked);
}

/* By its argument `flags`: one round of the loop. */
static bool is_step(const struct ol_patch_frame *frame, const struct learner *learner)
{
    return (unsigned)(uintptr_t)argument_of(frame, learner->flags) & learner->bit;
}

static void run(struct ol_patch_frame *frame, const struct learner *learner,
                const struct ol_patch_slot *slot)
{
    const void *loop = learner->what == LEARN_run_init ? initial_base
                                                       : argument_of(frame, learner->object);
    uintptr_t stack = (uintptr_t)frame;
    __attribute__((cleanup(end_run))) struct run run = {
        .handle = -1, .was_loop = ol_self.is_loop, .stack = stack};
    ol_run_begins(&ol_self.run_seen, stack, !is_step(frame, learner));
    if (learner->what == LEARN_run && !turns_unseen(slot->function, loop))
        ol_affinity_run_is_seen(loop);
    if (learner->what == LEARN_run || is_known(loop))
        run.handle = ol_affinity_begin(loop, -1);
    ol_patch_call_all(frame, slot->real);
}

/* Inside of a turn it counts when it was slow, as syscall() with that number does. */
static void wait_nested(struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    const struct ol_gate_function function = {
        .name = slot->name, .rule = OL_RULE_poll, .slow_only = true};
    struct ol_argument argument = NONE;
    struct ol_call call;
    ol_gate_enter_named(&call, &function, frame->caller, &argument);
    ol_patch_call_all(frame, slot->real);
    ol_gate_leave(&call);
}

/* liburing makes the system call itself. */
static void wait_for_ring(struct ol_patch_frame *frame, const struct learner *learner,
                          const struct ol_patch_slot *slot)
{
    const struct ol_wait wait = {.kind = OL_WAIT_ring,
                                 .name = slot->name,
                                 .fd = -1,
                                 .ring = argument_of(frame, learner->object),
                                 .caller = frame->caller,
                                 .stack = (uintptr_t)frame};
    bool waits = learner->flags == UNUSED ||
                 (unsigned)(uintptr_t)argument_of(frame, learner->flags);
    enum ol_wait_verdict verdict = waits && !ol_waits_is_no_loop(frame->caller)
                                       ? ol_waits_enter(&wait)
                                       : OL_WAIT_plain;
    if (verdict == OL_WAIT_nested) {
        wait_nested(frame, slot);
        return;
    }
    ol_patch_call_all(frame, slot->real);
    if (verdict == OL_WAIT_loop)
        ol_loop_resume();
}

/* What a learner notes: its arguments as they came, and the result. */
struct facts {
    const void *object;
    const void *second; /* argument `flags`, as a pointer */
    const void *const *pair;
    const void *result;
    bool ok; /* returned 0 */
    bool has_bit;
    const void *real;
};

/* Whoever switched locks on may have done so before anybody was watched: libevent says so itself.
 */
static bool has_locks(const void *real)
{
    const int *version = libevent_has_locks ? NULL : ol_real_near_name("evthread_lock_fns_", real);
    if (version && *version)
        libevent_has_locks = true;
    return libevent_has_locks;
}

/* An object that another one stands for from now on: what was known of its address is not true any
 * more. */
static void note_made(const void *object, const void *loop, bool locked)
{
    if (object)
        ol_affinity_bind(object, loop, locked);
}

static void note_base(const struct facts *facts)
{
    const void *loop;
    bool locked;
    bool never = ol_affinity_find(facts->object, &loop, &locked);
    note_made(facts->result, facts->result, !never && has_locks(facts->real));
}

/* Of a filter's loop no more is known than its bufferevent's says. */
static void note_over(const struct facts *facts)
{
    const void *loop;
    bool locked;
    if (ol_affinity_find(facts->object, &loop, &locked))
        note_made(facts->result, loop, facts->has_bit && has_locks(facts->real));
    else
        ol_affinity_forget(facts->result);
}

static void note_lock(const struct facts *facts)
{
    const void *loop = NULL;
    bool locked;
    ol_affinity_find(facts->object, &loop, &locked);
    if (facts->ok)
        note_made(facts->object, loop, true);
}

static void note_deferred(const struct facts *facts)
{
    const void *loop;
    bool locked;
    if (facts->ok && !(ol_affinity_find(facts->object, &loop, &locked) && locked))
        note_made(facts->object, facts->second, false);
}

static void note_more(enum what what, const struct facts *facts)
{
    switch (what) {
    case LEARN_over:
        note_over(facts);
        break;
    case LEARN_part:
        ol_affinity_bind_part(facts->object, facts->result);
        break;
    case LEARN_alone:
        ol_affinity_forget(facts->result);
        break;
    case LEARN_got_lock:
        note_lock(facts);
        break;
    case LEARN_deferred:
        note_deferred(facts);
        break;
    case LEARN_shared:
        ol_affinity_bind(facts->object, facts->object, true);
        break;
    case LEARN_gtk_lock:
        ol_affinity_bind(ol_affinity_gtk, NULL, true);
        break;
    default:
        break;
    }
}

static void note(enum what what, const struct facts *facts)
{
    bool locked = facts->has_bit && has_locks(facts->real);
    switch (what) {
    case LEARN_locking:
        libevent_has_locks |= facts->ok;
        break;
    case LEARN_init:
        initial_base = facts->result;
        note_base(facts);
        break;
    case LEARN_base:
        note_base(facts);
        break;
    case LEARN_unlocked:
        if (facts->has_bit)
            ol_affinity_bind(facts->object, NULL, false);
        break;
    case LEARN_made:
        note_made(facts->result, facts->object, locked);
        break;
    case LEARN_as_base:
        note_made(facts->result, facts->object, ol_affinity_is_locked(facts->object));
        break;
    case LEARN_pair:
        if (facts->ok) {
            note_made(facts->pair[0], facts->object, locked);
            note_made(facts->pair[1], facts->object, locked);
        }
        break;
    default:
        note_more(what, facts);
        break;
    }
}

static void call_and_note(struct ol_patch_frame *frame, const struct learner *learner,
                          const void *real)
{
    struct facts facts = {.object = argument_of(frame, learner->object),
                          .second = argument_of(frame, learner->flags),
                          .pair = learner->what == LEARN_pair ? argument_of(frame, 2) : NULL,
                          .real = real};
    facts.has_bit = (unsigned)(uintptr_t)facts.second & learner->bit;
    if (learner->what == LEARN_part || learner->what == LEARN_alone)
        ol_patch_call(frame, real, 0); /* called often, and with nothing on the stack */
    else
        ol_patch_call_all(frame, real);
    facts.result = as_pointer(frame->words[0]);
    facts.ok = (int)frame->words[0] == 0;
    int saved = errno; /* the loader changes it */
    note(learner->what, &facts);
    errno = saved;
}

void ol_patch_learn(struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    const struct learner *learner = &learners[slot->function->learner - 1];
    const void *object = argument_of(frame, learner->object);
    if (learner->what <= LEARN_run_init) {
        run(frame, learner, slot);
        return;
    }
    if (learner->what == LEARN_ring) {
        wait_for_ring(frame, learner, slot);
        return;
    }
    if (learner->what == LEARN_closed)
        ol_loop_ring_closing(object);
    if (learner->what == LEARN_gtk)
        note_gtk();
    /* Before the call: once it is freed, another thread may be given the same address. */
    if (learner->what == LEARN_freed)
        ol_affinity_forget(object);
    call_and_note(frame, learner, slot->real);
}
