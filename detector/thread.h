/* SPDX-License-Identifier: MIT */
/* What is known of each thread: is it on its loop, and what does each room keep for it?
 *
 * State only: what a member means to those who change it stands in the header that is named beside
 * it. Read and written by the thread itself; a signal handler of it may come between. Zeroed:
 * nothing is known yet. ol_self.armed is the one thing that every wrapper reads.
 */
#ifndef OFFLOOP_THREAD_H
#define OFFLOOP_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "likely.h"
#include "rawio.h"
#include "stack.h"

#define OL_ALLOW_DEPTH 8
#define OL_STEP_PLACES 4 /* from which a loop is stepped in turns */
#define OL_RUN_CELLS 9

/* stand_in.h: a descriptor at which a loop thread looks or waits. Zeroed: none. */
struct ol_host {
    int fd;
    int entry; /* in the table, -1: no room */
};

/* stand_in.h, of a thread that is no loop: what it waits for. Zeroed: nothing. */
struct ol_stand_in {
    int fd;
    int entry;      /* of the one in whose place it waits */
    int host_fd;    /* what that one looks at: the same, or one that `fd` holds */
    uint32_t polls; /* how often it had looked at the last wait here */
};

/* import.h: the frame that stands as long as an import goes on, with what tells it from a later one
 * at the same address: what it was given, and where its caller is. */
struct ol_import_root {
    const void *frame, *code, *given, *caller;
    uintptr_t where;
};

/* import.h: what the thread imports, or imported last. */
struct ol_import {
    uint32_t site;
    bool untold;        /* its line is still to be written */
    bool held;          /* its step is still to be over, see step.h */
    bool goes_on;       /* its root was on the stack when that was looked at last */
    int64_t turn;       /* when the turn started; 0: none was imported yet */
    int64_t until;      /* its time is added up to here; 0: to begin with the call under way */
    uint64_t ns;        /* lost so far */
    uint64_t others_ns; /* since `until`, in hits of their own */
    struct ol_import_root root;
    bool inside;         /* of the door */
    int64_t inside_turn; /* … in that turn */
    int64_t entered;     /* … since then */
};

/* usage.h: what the thread had used when the kernel was last asked. */
struct ol_usage_known {
    struct ol_usage usage;
    int64_t asked; /* when; 0: never, or something has happened since that may have been a wait */
    int64_t holds; /* until when it is known to hold, at the least */
};

/* run.h: a call of a function that runs a loop. */
struct ol_run {
    struct ol_stack_cell cells[OL_RUN_CELLS]; /* of the function, and of those that called it */
    uint8_t count;                            /* 0: not known */
    uint8_t kind;                             /* enum ol_run_kind */
};

/* run.h: a run whose mode was seen when it was called; `stack` is an address of the caller's frame
 * or further in. Of nested ones the outermost counts. A run that is left by longjmp() is over once
 * the stack is used by others. */
struct ol_run_seen {
    uintptr_t stack;
    unsigned number; /* of the runs that were seen */
    bool whole;
};

/* step.h. Zeroed: no loop is stepped. */
struct ol_steps {
    uint64_t place;  /* of the last run, which was a step; 0: it was none */
    unsigned number; /* of the last step */
    unsigned run;    /* as given to ol_step_begins */
    bool repeated;   /* that place was stepped before */
    bool left;       /* the step has returned: a call was seen since */
    uint16_t held;
    struct ol_step_place {
        uint64_t place;
        unsigned number;      /* of its last step */
    } places[OL_STEP_PLACES]; /* of the last steps, each once, newest first */
};

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
    struct ol_anchor anchor;
    struct ol_run runner; /* the function that runs the loop, where it is known */
    struct ol_run_seen run_seen;
    const void *runner_caller; /* the wait that it was looked up for */
    struct ol_steps steps;
    const void *printed_caller; /* of the wait that OFFLOOP_DEBUG named last as no loop's */
};

extern __thread struct ol_thread ol_self __attribute__((tls_model("initial-exec")));

/* Has the end of the calling thread call ol_thread_at_end, which is set once, at start. What is
 * kept for a thread is given back there. */
void ol_thread_watch_end(void);
extern void (*ol_thread_at_end)(void);

#endif
