/* SPDX-License-Identifier: MIT */
/* Loop threads: found, timed, ended. The contract is in loop.h. */
#include "loop.h"

#include <errno.h>
#include <stdatomic.h>

#include "affinity.h"
#include "debug.h"
#include "hash.h"
#include "import.h"
#include "loop_entry.h"
#include "loop_makes.h"
#include "loop_print.h"
#include "loop_rule.h"
#include "module.h"
#include "peer.h"
#include "prepare.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "run.h"
#include "scratch.h"
#include "stand_in.h"
#include "step.h"
#include "thread.h"
#include "usage.h"
#include "worker.h"

#define MEETS 16       /* waits of a loop, and returns from them */
#define FRAMES_SEEN 64 /* Python frames looked at to tell whether a loop has returned */

static void end_turn(void)
{
    if (ol_self.is_loop && ol_self.turn_started)
        ol_loop_entry_turn_ends((uint64_t)(ol_raw_now() - ol_self.turn_started));
    ol_self.turn_started = 0;
    ol_self.armed = false;
    ol_import_is_over();
}

void ol_loop_forget_turn(void)
{
    if (ol_self.is_loop)
        ol_loop_entry_no_turn();
    ol_self.turn_started = 0;
}

/* Another loop may follow in the thread. */
static void leave_loop(void)
{
    if (ol_self.steps.left) /* since when the last step is over, nobody knows */
        ol_loop_forget_turn();
    if (ol_self.is_loop) {
        ol_affinity_end(ol_self.running);
        end_turn();
        ol_loop_entry_end();
    }
    ol_self.armed = false;
    ol_self.is_loop = false;
    ol_self.wait_kind = OL_WAIT_none;
}

void ol_loop_end(void)
{
    leave_loop();
    ol_step_is_over();
}

static inline bool waits_on_descriptor(void)
{
    return ol_loop_wait_is_on_descriptor(ol_self.wait_kind);
}

void ol_loop_closing(int fd)
{
    ol_peer_forget(fd);
    ol_stand_in_closing(&ol_self.own_host, fd);
    ol_stand_in_closing(&ol_self.guest_host, fd);
    /* A child made by vfork() closes descriptors in our memory: they are not this process's. */
    if (ol_self.is_loop && waits_on_descriptor() && ol_self.wait_fd == fd &&
        ol_raw_getpid() == ol_process.pid) {
        ol_debug(loop, "the loop ends: its descriptor %d is closed", fd);
        ol_loop_end();
    }
}

void ol_loop_ring_closing(const void *ring)
{
    if (ol_self.is_loop && ol_self.wait_kind == OL_WAIT_ring && ol_self.wait_ring == ring &&
        ol_raw_getpid() == ol_process.pid) {
        ol_debug(loop, "the loop ends: its ring is closed");
        ol_loop_end();
    }
}

void ol_loop_thread_ends(void)
{
    if (ol_self.is_loop)
        ol_debug(loop, "the loop ends: so does its thread");
    ol_loop_end();
    ol_affinity_thread_ends();
    ol_stand_in_thread_ends();
    ol_scratch_leave();
}

static void begin(const struct ol_wait *wait, const char *name)
{
    ol_thread_watch_end();
    ol_self.tid = ol_raw_gettid();
    ol_self.wait_kind = (uint8_t)wait->kind;
    ol_self.wait_fd = wait->fd;
    ol_self.wait_ring = wait->ring;
    ol_self.only_handed_over = wait->kind == OL_WAIT_ring;
    ol_self.turn_started = 0;
    ol_self.anchor = (struct ol_anchor){.runtime = NULL};
    ol_self.is_loop = true;
    ol_self.running = ol_affinity_begin(NULL, wait->fd);
    ol_self.unmet = MEETS;
    ol_self.is_worker = ol_worker_runs();
    ol_loop_entry_begin(wait->name, name);
    if (ol_debug_has(OL_DEBUG_loop))
        ol_loop_print_begin(wait);
}

struct starting {
    const struct ol_wait *wait;
    const char *name;
    bool prepared;
};

static void prepare_and_begin(void *context)
{
    struct starting *starting = context;
    starting->prepared = ol_prepare_loops();
    if (!starting->prepared)
        return;
    ol_runtime_find();
    ol_runtime_note();
    begin(starting->wait, starting->name);
}

/* Makes this thread a loop. False when there is no record yet (another thread is making it): try at
 * the next wait. */
static bool start_loop(const struct ol_wait *wait, const char *name)
{
    int saved = errno; /* the loader changes it */
    struct starting starting = {wait, name, false};
    ol_self.inside = true;
    ol_self.inside_stack = 0;
    ol_scratch_run(prepare_and_begin, &starting);
    ol_self.inside = false;
    errno = saved;
    return starting.prepared;
}

/* Another wait for what the thread's loop waited for last. */
static inline bool waits_for_same(const struct ol_wait *wait)
{
    return wait->kind == ol_self.wait_kind && wait->fd == ol_self.wait_fd &&
           wait->ring == ol_self.wait_ring;
}

/* Is this the wait of the loop that the thread runs already? */
static inline bool is_own_wait(const struct ol_wait *wait)
{
    if (ol_self.wait_kind == OL_WAIT_api)
        return true;
    if (waits_on_descriptor() || ol_loop_wait_is_on_descriptor(wait->kind))
        return waits_for_same(wait);
    return ol_loop_called_by_library(wait) ||
           (wait->kind == ol_self.wait_kind && wait->stack >= ol_self.wait_stack);
}

/* A loop that returned without closing its descriptor, followed by another one: the first has left
 * the stack. Not inlined: every wait would pay for its frames. */
static __attribute__((noinline)) bool has_returned(const struct ol_wait *wait)
{
    struct ol_runtime_frame frames[FRAMES_SEEN];
    const struct ol_runtime *runtime;
    unsigned count = ol_runtime_walk(frames, FRAMES_SEEN, &runtime);
    if (count)
        return !ol_runtime_is_loop(&ol_self.anchor, runtime, frames, count);
    return !ol_run_stands(&ol_self.runner) ||
           (wait->kind == ol_self.wait_kind && wait->stack >= ol_self.wait_stack);
}

/* Which function runs the loop: looked up again when the wait comes from elsewhere, or has gone. */
static void find_runner(const struct ol_wait *wait)
{
    bool same = ol_self.runner_caller == wait->caller && ol_self.wait_stack == wait->stack;
    if (same && ol_run_stands(&ol_self.runner))
        return;
    ol_run_find(&ol_self.runner);
    ol_self.runner_caller = wait->caller;
}

/* From where the loop is stepped, if it is: see step.h. */
static uint64_t step_place(void)
{
    const struct ol_run *run = &ol_self.runner;
    bool steps = run->count ? ol_run_is_step(run, &ol_self.run_seen) : ol_self.anchor.steps;
    return steps ? ol_hash_mix(ol_run_hash(run), ol_runtime_place(&ol_self.anchor)) | 1 : 0;
}

static inline enum ol_wait_verdict loop_waits(const struct ol_wait *wait)
{
    if (wait->kind == OL_WAIT_epoll)
        ol_stand_in_note(&ol_self.own_host, wait);
    find_runner(wait);
    ol_runtime_anchor(&ol_self.anchor, wait->caller);
    if (!ol_step_begins(step_place(), ol_run_number(&ol_self.runner, &ol_self.run_seen)))
        ol_loop_forget_turn();
    end_turn();
    ol_self.only_handed_over &= wait->hands_over;
    ol_self.wait_stack = wait->stack;
    return OL_WAIT_loop;
}

bool ol_loop_is_inside(uintptr_t stack)
{
    if (ol_self.inside && ol_self.inside_stack && stack > ol_self.inside_stack)
        ol_self.inside = false;
    return ol_self.inside;
}

/* The same for a wait: a call that was left on a coroutine's stack is over when the loop waits
 * again. */
static inline bool is_inside(const struct ol_wait *wait)
{
    bool own = ol_self.is_loop && waits_on_descriptor() && waits_for_same(wait);
    if (own && ol_self.inside_stack)
        ol_self.inside = false;
    return ol_loop_is_inside(wait->stack);
}

/* What was taken for a loop was none. */
static void take_back(void)
{
    ol_debug(loop, "what was taken for a loop is none");
    ol_loop_entry_take_back();
    ol_loop_end();
}

static void note_ring(void)
{
    static _Atomic bool noted;
    if (!atomic_exchange(&noted, true))
        ol_recorder_blind_spot(
            "waits for an io_uring",
            "not taken for a loop's: say OFFLOOP_LOOP=wait=io_uring if they are");
}

/* A loop that waits by epoll uses rings for other ends: it stays what it is. */
static bool replaces(const struct ol_wait *wait)
{
    return !(wait->kind == OL_WAIT_ring && ol_self.wait_kind == OL_WAIT_epoll) &&
           has_returned(wait);
}

static _Atomic unsigned names_given; /* to threads by others */

void ol_loop_name_given(void)
{
    if (ol_loop_rule_has(false, true))
        atomic_fetch_add(&names_given, 1);
}

static __attribute__((noinline)) void look_at_name(unsigned given)
{
    char name[16];
    ol_self.names_seen = given;
    if (ol_raw_thread_name(name) == 0)
        ol_loop_named(name);
}

/* A wait that is not the one of the loop that the thread runs. */
static __attribute__((noinline)) enum ol_wait_verdict decide_anew(const struct ol_wait *wait)
{
    bool loops = ol_loop_makes(wait);
    if (!loops && wait->kind != OL_WAIT_epoll && ol_loop_never_makes(wait))
        ol_self.plain_caller = wait->caller;
    if (!loops && wait->kind == OL_WAIT_ring && !wait->hands_over)
        note_ring();
    if (!ol_self.is_loop)
        return loops && !ol_stand_in_waits(wait) && !ol_loop_makes_none(wait) &&
                       start_loop(wait, NULL)
                   ? loop_waits(wait)
                   : OL_WAIT_plain;
    if (loops && replaces(wait) && !ol_loop_makes_none(wait)) {
        ol_debug(loop, "the loop ends: it has returned");
        leave_loop();
        return start_loop(wait, NULL) ? loop_waits(wait) : OL_WAIT_plain;
    }
    if (wait->immediate && wait->kind == OL_WAIT_epoll)
        ol_stand_in_note(&ol_self.guest_host, wait);
    return wait->immediate || !ol_self.armed ? OL_WAIT_plain : OL_WAIT_nested;
}

static inline __attribute__((always_inline)) enum ol_wait_verdict decide(const struct ol_wait *wait)
{
    if (is_inside(wait) || !ol_process.ready || ol_process.exiting)
        return OL_WAIT_plain;
    unsigned given = atomic_load_explicit(&names_given, memory_order_relaxed);
    if (OL_UNLIKELY(given != ol_self.names_seen))
        look_at_name(given);
    if (ol_self.only_handed_over && ol_self.is_loop && wait->kind == OL_WAIT_epoll)
        take_back(); /* its ring only handed calls over */
    if (ol_self.is_loop && is_own_wait(wait))
        return loop_waits(wait);
    return decide_anew(wait);
}

/* As decide(); a child in our memory makes no loop. */
static __attribute__((noinline, cold)) enum ol_wait_verdict look_closely(const struct ol_wait *wait)
{
    if (ol_process_is_another())
        return OL_WAIT_plain;
    enum ol_wait_verdict verdict = decide(wait);
    if (ol_debug_has(OL_DEBUG_loop) && ol_process.ready && !ol_process.exiting && !ol_self.inside)
        ol_loop_print_verdict(wait, verdict);
    return verdict;
}

static enum ol_wait_verdict judge_wait(const struct ol_wait *wait)
{
    if (ol_process_is_unseen_child())
        ol_process_at_fork();
    return OL_UNLIKELY(ol_process_looks_closely) ? look_closely(wait) : decide(wait);
}

/* poll() and select() for an epoll descriptor wait as epoll_wait() does; those of loop libraries
 * wait for one as for any other. Who only looks, without a wait, is no loop by that. */
enum ol_wait_verdict ol_loop_wait(const struct ol_wait *wait)
{
    bool own = ol_self.is_loop && ol_self.wait_fd == wait->among;
    if (!ol_loop_wait_is_for_set(wait->kind) || wait->among < 0 || (wait->immediate && !own) ||
        ol_loop_called_by_library(wait))
        return judge_wait(wait);
    struct ol_wait for_epoll = *wait;
    for_epoll.kind = OL_WAIT_epoll;
    for_epoll.fd = wait->among;
    return judge_wait(&for_epoll);
}

void ol_loop_turn_again(void)
{
    if (!ol_self.is_loop || !ol_self.anchor.every_call)
        return;
    ol_self.turn_started = ol_raw_now();
    ol_loop_entry_turn_begins(ol_self.turn_started);
}

void ol_loop_resume(void)
{
    if (!ol_self.is_loop)
        return;
    ol_self.turn_started = ol_raw_now();
    ol_loop_entry_turn_begins(ol_self.turn_started);
    ol_usage_forget();
    ol_self.armed = !ol_process.exiting;
}

void ol_loop_mark(const char *name)
{
    if (!ol_process.ready || ol_process.exiting || ol_self.is_loop || ol_self.inside)
        return;
    static const struct ol_wait marked = {.kind = OL_WAIT_api, .name = "api", .fd = -1};
    if (start_loop(&marked, name))
        ol_loop_resume();
}

void ol_loop_named(const char *name)
{
    if (!ol_process.ready)
        return;
    ol_self.no_loop_caller = NULL;
    if (ol_loop_names(name))
        ol_loop_mark(NULL);
    else if (ol_self.is_loop && ol_self.wait_kind != OL_WAIT_api &&
             ol_loop_rule_find(false, true, name))
        take_back();
}
