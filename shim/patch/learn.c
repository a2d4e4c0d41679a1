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

#define UNUSED OL_NO_ARGUMENT

struct facts;

/* A row of the table: one of the four handlers. */
struct learner {
    const char *symbol;
    void (*around)(struct ol_patch_frame *frame, const struct learner *learner,
                   const struct ol_patch_slot *slot); /* makes the call itself */
    void (*before)(const void *object);
    void (*after)(const struct facts *facts);
    void (*often)(const struct facts *facts); /* after, of what has no arguments on the stack */
    uint8_t object;
    uint8_t flags;
    unsigned bit;
};

static bool libevent_has_locks;
static const void *_Atomic initial_base; /* of event_init() */

static void *as_pointer(uint64_t word)
{
    return (void *)(uintptr_t)word;
}

static const void *argument_of(const struct ol_patch_frame *frame, uint8_t number)
{
    return number == UNUSED ? NULL : as_pointer(ol_patch_argument(frame, number));
}

/* Each thread that has run GTK or made it ready: which of them it belongs to is not known then. */
static void learn_gtk(const void *unused)
{
    (void)unused;
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

/* `belongs`: the loop may be held against other threads. Inlined: a frame less for each step. */
static inline __attribute__((always_inline)) void run(struct ol_patch_frame *frame,
                                                      const struct learner *learner,
                                                      const struct ol_patch_slot *slot,
                                                      const void *loop, bool belongs)
{
    uintptr_t stack = (uintptr_t)frame;
    __attribute__((cleanup(end_run))) struct run run = {
        .handle = -1, .was_loop = ol_self.is_loop, .stack = stack};
    ol_run_begins(&ol_self.run_seen, stack, !is_step(frame, learner));
    if (belongs)
        run.handle = ol_affinity_begin(loop, -1);
    ol_patch_call_all(frame, slot->real);
}

static void learn_run(struct ol_patch_frame *frame, const struct learner *learner,
                      const struct ol_patch_slot *slot)
{
    const void *loop = argument_of(frame, learner->object);
    if (!turns_unseen(slot->function, loop))
        ol_affinity_run_is_seen(loop);
    run(frame, learner, slot, loop, true);
}

static void learn_run_base(struct ol_patch_frame *frame, const struct learner *learner,
                           const struct ol_patch_slot *slot)
{
    const void *loop = argument_of(frame, learner->object);
    run(frame, learner, slot, loop, is_known(loop));
}

static void learn_run_init(struct ol_patch_frame *frame, const struct learner *learner,
                           const struct ol_patch_slot *slot)
{
    const void *loop = initial_base;
    run(frame, learner, slot, loop, is_known(loop));
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
static void learn_ring(struct ol_patch_frame *frame, const struct learner *learner,
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

static void learn_closed(const void *ring)
{
    ol_loop_ring_closing(ring);
}

/* Before the call: once it is freed, another thread may be given the same address. */
static void learn_freed(const void *object)
{
    ol_affinity_forget(object);
}

/* What is known after the call: its arguments as they came, and the result. */
struct facts {
    const void *object;
    const void *second; /* argument `flags`, as a pointer */
    const void *third;  /* argument 2, whatever it is */
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

static bool gives_lock(const struct facts *facts)
{
    return facts->has_bit && has_locks(facts->real);
}

/* An object that another one stands for from now on: what was known of its address is not true any
 * more. */
static void note_made(const void *object, const void *loop, bool locked)
{
    if (object)
        ol_affinity_bind(object, loop, locked);
}

static void learn_base(const struct facts *facts)
{
    const void *loop;
    bool locked;
    bool never = ol_affinity_find(facts->object, &loop, &locked);
    note_made(facts->result, facts->result, !never && has_locks(facts->real));
}

/* Of a filter's loop no more is known than its bufferevent's says. */
static void learn_over(const struct facts *facts)
{
    const void *loop;
    bool locked;
    if (ol_affinity_find(facts->object, &loop, &locked))
        note_made(facts->result, loop, gives_lock(facts));
    else
        ol_affinity_forget(facts->result);
}

static void learn_got_lock(const struct facts *facts)
{
    const void *loop = NULL;
    bool locked;
    ol_affinity_find(facts->object, &loop, &locked);
    if (facts->ok)
        note_made(facts->object, loop, true);
}

static void learn_deferred(const struct facts *facts)
{
    const void *loop;
    bool locked;
    if (facts->ok && !(ol_affinity_find(facts->object, &loop, &locked) && locked))
        note_made(facts->object, facts->second, false);
}

static void learn_part(const struct facts *facts)
{
    ol_affinity_bind_part(facts->object, facts->result);
}

static void learn_alone(const struct facts *facts)
{
    ol_affinity_forget(facts->result);
}

static void learn_shared(const struct facts *facts)
{
    ol_affinity_bind(facts->object, facts->object, true);
}

static void learn_gtk_lock(const struct facts *facts)
{
    (void)facts;
    ol_affinity_bind(ol_affinity_gtk, NULL, true);
}

static void learn_locking(const struct facts *facts)
{
    libevent_has_locks |= facts->ok;
}

static void learn_init(const struct facts *facts)
{
    initial_base = facts->result;
    learn_base(facts);
}

static void learn_unlocked(const struct facts *facts)
{
    if (facts->has_bit)
        ol_affinity_bind(facts->object, NULL, false);
}

static void learn_made(const struct facts *facts)
{
    note_made(facts->result, facts->object, gives_lock(facts));
}

static void learn_as_base(const struct facts *facts)
{
    note_made(facts->result, facts->object, ol_affinity_is_locked(facts->object));
}

static void learn_pair(const struct facts *facts)
{
    const void *const *pair = facts->third;
    if (!facts->ok)
        return;
    bool locked = gives_lock(facts);
    note_made(pair[0], facts->object, locked);
    note_made(pair[1], facts->object, locked);
}

static const struct learner learners[] = {
#define LEARN(function, when, what, argument, second, mask)                                        \
    {.symbol = #function, .when = learn_##what, .object = argument, .flags = second, .bit = mask},
#include "../learn.def"
#undef LEARN
};
#define LEARNERS (sizeof learners / sizeof *learners)

void ol_patch_learn_start(void)
{
    _Static_assert(LEARNERS < UINT8_MAX, "their number is a byte, and not 0");
    for (size_t i = 0; i < LEARNERS; i++)
        ol_function_add_learner(learners[i].symbol, (uint8_t)(i + 1));
}

/* Not inlined: a loop's step would pay for its frame. */
static __attribute__((noinline)) void call_and_note(struct ol_patch_frame *frame,
                                                    const struct learner *learner, const void *real)
{
    struct facts facts = {.object = argument_of(frame, learner->object),
                          .second = argument_of(frame, learner->flags),
                          .third = argument_of(frame, 2),
                          .real = real};
    facts.has_bit = (unsigned)(uintptr_t)facts.second & learner->bit;
    if (learner->often)
        ol_patch_call(frame, real, 0);
    else
        ol_patch_call_all(frame, real);
    facts.result = as_pointer(frame->words[0]);
    facts.ok = (int)frame->words[0] == 0;
    int saved = errno; /* the loader changes it */
    if (learner->often)
        learner->often(&facts);
    else if (learner->after)
        learner->after(&facts);
    errno = saved;
}

void ol_patch_learn(struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    const struct learner *learner = &learners[slot->function->learner - 1];
    if (learner->around) {
        learner->around(frame, learner, slot);
        return;
    }
    if (learner->before)
        learner->before(argument_of(frame, learner->object));
    call_and_note(frame, learner, slot->real);
}
