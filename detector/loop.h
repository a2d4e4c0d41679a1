/* SPDX-License-Identifier: MIT */
/* Is this thread on its loop? The state of a thread, its turns and waits.
 *
 * A thread becomes a loop when it enters a loop's wait; the turn lasts from the return of a wait to
 * the entry of the next. ol_self.armed is the one thing that every wrapper reads: true in a turn,
 * outside of our own code and of wrapped calls.
 */
#ifndef OFFLOOP_LOOP_H
#define OFFLOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "../python/python.h"
#include "import.h"
#include "record.h"
#include "run.h"
#include "stand_in.h"
#include "step.h"
#include "usage.h"

/* How loops wait. POLL and SELECT count only for known loop libraries, or everywhere with
 * OFFLOOP_LOOP=wait=poll; RING, a wait for completions of an io_uring, only for those that run
 * loops on one, or everywhere with OFFLOOP_LOOP=wait=io_uring: storage engines wait so in their
 * workers. */
enum ol_wait_kind {
    OL_WAIT_none,
    OL_WAIT_epoll,
    OL_WAIT_poll,
    OL_WAIT_select,
    OL_WAIT_ring,
    OL_WAIT_api
};

#define OL_ALLOW_DEPTH 8
#define OL_MEETS 16             /* waits of a loop, and returns from them */
#define OL_STACK_FRAMES_SEEN 64 /* Python frames looked at to tell whether a loop has returned */

struct ol_thread {
    bool armed;     /* in a turn, and neither in ourselves nor in a wrapped call */
    bool inside;    /* in a wrapped call or in our own code: waits in there are not the loop's */
    bool is_loop;   /* has entered a loop wait that has not ended */
    bool is_worker; /* a worker's loop: see worker.h */
    bool has_entry; /* has been a loop before: see loop_entry.h */
    uint8_t unmet;  /* waits at which the interpreter does not know of this loop yet */
    uint8_t wait_kind;
    uint8_t allowing;                 /* depth of offloop_allow_begin */
    uint16_t allowed[OL_ALLOW_DEPTH]; /* rules, or OL_RULE_ANY */
    uint8_t caller_loops_by;          /* enum ol_loops_by of wait_caller */
    bool has_epoll;                   /* has made an epoll descriptor */
    bool only_handed_over;            /* a ring's loop so far: see ol_wait.hands_over */
    int wait_fd;
    unsigned names_seen;        /* of those that other threads gave: see ol_loop_name_given() */
    const void *no_loop_caller; /* a wait from there, and with its frame at */
    uintptr_t no_loop_stack;    /* this place, makes no loop: a rule says so */
    struct ol_stand_in stand_in;
    struct ol_host own_host;   /* of the loop that it runs */
    struct ol_host guest_host; /* of another one, at which it looks in its turns */
    const void *wait_ring;
    int tid;
    uint32_t loop;           /* index of its loop entry, valid with has_entry */
    const void *wait_caller; /* all but epoll: the caller looked up last */
    const void
        *plain_caller;    /* a wait from there needs no further look while the thread is no loop */
    int running;          /* of affinity.h, valid while is_loop */
    uintptr_t wait_stack; /* stack address of the loop's last wait */
    uintptr_t inside_stack; /* stack address of the wrapper that set `inside` */
    int64_t turn_started;
    int child;          /* the last that was forked on this thread … */
    int64_t child_turn; /* … and the turn in which it was */
    struct ol_import import;
    struct ol_usage_known known;
    const char *looked_at; /* the path of the call that is about to be judged: it can be read */
    struct ol_pyanchor anchor;
    struct ol_run runner; /* the function that runs the loop, where it is known */
    struct ol_run_seen run_seen;
    const void *runner_caller; /* the wait that it was looked up for */
    struct ol_steps steps;
};

extern __thread struct ol_thread ol_self __attribute__((tls_model("initial-exec")));

#define OL_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define OL_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* A wait on its way. */
struct ol_wait {
    enum ol_wait_kind kind;
    const char *name; /* "epoll_wait" */
    int fd;           /* the epoll descriptor, or the ring's where it is known; else -1 */
    const void *ring; /* what liburing knows it by, or NULL */
    int among;        /* of a poll() or select(): an epoll descriptor in its set, else -1 */
    bool immediate;   /* timeout 0: does not wait */
    bool hands_over;  /* a ring: awaits exactly what it submits, as libuv does with its epoll_ctl
                         calls */
    const void *caller;
    uintptr_t stack; /* address of the wrapper's frame */
};

/* What the wrapper of a wait function is to do. */
enum ol_wait_verdict {
    OL_WAIT_plain,  /* not a loop's wait, nothing of ours: just call */
    OL_WAIT_loop,   /* the loop's wait: call, then ol_loop_resume() */
    OL_WAIT_nested, /* a wait inside a turn: rule `poll` */
};

/* Entering a wait. Makes the thread a loop when this wait says so, ends its turn when it is one.
 * Keeps errno. */
enum ol_wait_verdict ol_loop_wait(const struct ol_wait *wait);

/* The run function has returned, and the loop may be run again: what passes until then is no
 * turn. */
void ol_loop_forget_turn(void);

/* What the thread waited for is no loop's wait, and over: a turn by the anchor's every_call goes on
 * from here. */
void ol_loop_turn_again(void);

/* The loop's wait has returned: the turn starts. Keeps errno. */
void ol_loop_resume(void);

/* The thread is not a loop any more (its epoll descriptor was closed, the thread ends, the process
 * forks or exits). */
void ol_loop_end(void);

/* In a wrapped call? `stack` is an address in the asking frame: a call that was left by an
 * exception or longjmp() has left the stack too, and then it is over. */
bool ol_loop_is_inside(uintptr_t stack);

/* close(fd): ends the loop when it waited on that descriptor. */
void ol_loop_closing(int fd);

/* The same for a ring that liburing closes. */
void ol_loop_ring_closing(const void *ring);

/* offloop_loop_enter/leave of the C API, and threads found by their name. */
void ol_loop_mark(const char *name);

/* Has the end of the calling thread end what is kept for it. */
void ol_loop_watch_end(void);

/* The calling thread got a name: OFFLOOP_LOOP=thread=GLOB may know it, or a rule. Another one got
 * one from the calling thread: it looks at its next wait. */
void ol_loop_name_given(void);
void ol_loop_named(const char *name);

#endif
