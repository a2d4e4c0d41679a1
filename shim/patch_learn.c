/* Functions that tell of loops: each is called, and then noted. The table is learn.def, the
 * contract is in patch.h. */
#include <string.h>

#include "../detector/affinity.h"
#include "../detector/gate.h"
#include "../detector/loop.h"
#include "../detector/rawio.h"
#include "patch.h"
#include "waits.h"

enum what {
    LEARN_run,
    LEARN_gtk,
    LEARN_locking,
    LEARN_base,
    LEARN_made,
    LEARN_pair,
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
#include "learn.def"
#undef LEARN
};
#define LEARNERS (sizeof learners / sizeof *learners)

static bool libevent_has_locks;

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

static uint64_t flags_of(const struct ol_patch_frame *frame, const struct learner *learner)
{
    return learner->flags == UNUSED ? 0 : (unsigned)ol_patch_argument(frame, learner->flags);
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
};

/* On every way out but longjmp(). The loop is over: its descriptor tells no more who runs it. */
static void end_run(struct run *run)
{
    ol_affinity_end(run->handle);
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

static void run(struct ol_patch_frame *frame, const struct learner *learner,
                const struct ol_patch_slot *slot)
{
    const void *loop = as_pointer(ol_patch_argument(frame, learner->object));
    if (!turns_unseen(slot->function, loop))
        ol_affinity_run_is_seen(loop);
    __attribute__((cleanup(end_run))) struct run run = {.handle = ol_affinity_begin(loop, -1),
                                                        .was_loop = ol_self.is_loop};
    ol_patch_call_all(frame, slot->real);
}

/* Inside of a turn it counts when it was slow, as syscall() with that number does. */
static void wait_nested(struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    const struct ol_gate_function function = {
        .name = slot->name, .rule = OL_RULE_poll, .slow_only = true};
    struct ol_argument argument = NONE;
    struct ol_hit hit;
    ol_gate_enter_named(&hit, &function, frame->caller, &argument);
    ol_patch_call_all(frame, slot->real);
    ol_gate_leave(&hit);
}

/* liburing makes the system call itself. */
static void wait_for_ring(struct ol_patch_frame *frame, const struct learner *learner,
                          const struct ol_patch_slot *slot)
{
    const struct ol_wait wait = {.kind = OL_WAIT_ring,
                                 .name = slot->name,
                                 .fd = -1,
                                 .ring = as_pointer(ol_patch_argument(frame, learner->object)),
                                 .caller = frame->caller,
                                 .stack = (uintptr_t)frame};
    bool waits = learner->flags == UNUSED || flags_of(frame, learner);
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

/* An object that another one stands for from now on: what was known of its address is not true any
 * more. */
static void note_made(const void *object, const void *loop, bool locked)
{
    if (object)
        ol_affinity_bind(object, loop, locked);
}

static void note_pair(const void *const *pair, const void *loop, bool locked)
{
    note_made(pair[0], loop, locked);
    note_made(pair[1], loop, locked);
}

/* `before` are the arguments as they came, the result is in `frame`. */
static void note(const struct learner *learner, const struct ol_patch_frame *before,
                 const struct ol_patch_frame *frame)
{
    const void *object = as_pointer(ol_patch_argument(before, learner->object));
    const void *result = as_pointer(frame->words[0]);
    bool locked = flags_of(before, learner) & learner->bit;
    switch (learner->what) {
    case LEARN_locking:
        libevent_has_locks |= (int)frame->words[0] == 0;
        break;
    case LEARN_base:
        note_made(result, result, libevent_has_locks);
        break;
    case LEARN_made:
        note_made(result, object, locked);
        break;
    case LEARN_pair:
        if ((int)frame->words[0] == 0)
            note_pair(as_pointer(ol_patch_argument(before, 2)), object, locked);
        break;
    case LEARN_shared:
        ol_affinity_bind(object, object, true);
        break;
    case LEARN_gtk_lock:
        ol_affinity_bind(ol_affinity_gtk, NULL, true);
        break;
    default:
        break;
    }
}

void ol_patch_learn(struct ol_patch_frame *frame, const struct ol_patch_slot *slot)
{
    const struct learner *learner = &learners[slot->function->learner - 1];
    if (learner->what == LEARN_run) {
        run(frame, learner, slot);
        return;
    }
    if (learner->what == LEARN_ring) {
        wait_for_ring(frame, learner, slot);
        return;
    }
    if (learner->what == LEARN_closed)
        ol_loop_ring_closing(as_pointer(ol_patch_argument(frame, learner->object)));
    if (learner->what == LEARN_gtk)
        note_gtk();
    /* Before the call: once it is freed, another thread may be given the same address. */
    if (learner->what == LEARN_freed)
        ol_affinity_forget(as_pointer(ol_patch_argument(frame, learner->object)));
    struct ol_patch_frame before = *frame;
    ol_patch_call_all(frame, slot->real);
    note(learner, &before, frame);
}
