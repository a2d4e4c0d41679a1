/* SPDX-License-Identifier: MIT */
/* Guards: Python callables whose calls are judged first, however they were imported.
 *
 * A guard stands where every caller has to pass: in the method table of a C function (PyMethodDef),
 * in the vectorcall slot of a Python function (3.9, 3.10, 3.12 on), at the start of its bytecode
 * (3.11, which enters Python functions past that slot). What the caller sees of the callable stays
 * as it was. A guard is for ever.
 *
 * Everything here needs the GIL.
 */
#ifndef OFFLOOP_BRIDGE_GUARD_H
#define OFFLOOP_BRIDGE_GUARD_H

#include <stdbool.h>

#include "bridge_api.h"

/* Which calls are right without a further look; the numbers are those of bridge.py. */
enum ol_guard_test {
    OL_GUARD_in_no_turn, /* made outside of any turn of a loop */
    OL_GUARD_on_a_loop,  /* made by a thread that is a loop */
    OL_GUARD_in_main,    /* made by the main thread */
    OL_GUARD_at_home,    /* made by the thread that runs the loop which the first argument, or the
                            parameter if there is one, leads to */
    OL_GUARD_named_home, /* the loop that the parameter names is the thread's own, or not given; and
                            no submission waits to be taken up */
    OL_GUARD_within,     /* the first argument's own memory refers to the thread's loop */
    OL_GUARD_submits,    /* the parameter is a loop that runs, in another thread */
    OL_GUARD_fetches, /* of a future that is done where a wait would be wrong, and that waits with a
                         timeout for what was submitted: the parameter */
    OL_GUARD_takes,   /* all: whoever calls it for a future looks after its outcome */
    OL_GUARD_resolves, /* all: the parameter becomes the outcome of a future … */
    OL_GUARD_fails,    /* … as a result, or as an exception */
    OL_GUARD_runs,     /* all: the only argument is the loop that the thread runs from now on */
    OL_GUARD_never     /* bridge.py looks at each */
};

enum ol_guard_place { OL_GUARD_quiet = -1, OL_GUARD_tells = -2 };

enum { OL_GUARD_PATH = 4 };

struct ol_guard {
    enum ol_guard_test test;
    int place;        /* bridge.py hears of each return: enum ol_guard_place, or the rule
                         whose site is to be kept for what was submitted */
    bool is_frame;    /* guarded at the start of its bytecode */
    bool is_function; /* guarded in its vectorcall slot; neither: a C function */
    bool has_self;    /* C functions: the first word is an argument */
    int flags;        /* C functions: of the method */
    int plain;        /* frames: how many parameters there are where all can be given by position,
                         or -1 */
    void *original;   /* what the door leads to; for frames the function as it was */
    struct ol_pyobject *frame_door;
    struct ol_pyobject *path[OL_GUARD_PATH]; /* attributes to the loop from there, or to the
                                               state of a future */
    unsigned path_length;
    struct ol_pyobject *parameter; /* the name of the one that the test looks at, or NULL */
    int position;                  /* where it stands among the code's variables */
};

/* A call at the door: the words that the original is to get. */
struct ol_guarded {
    const struct ol_guard *guard;
    const void *caller;
    void *words[5];
};

/* A new guard, its fields zeroed; NULL: no room. */
struct ol_guard *ol_guard_new(void);
unsigned ol_guard_index(const struct ol_guard *guard);

/* The function to put in place of the original. */
void *ol_guard_door(const struct ol_guard *guard);

/* For frames: a Python callable without arguments, called at the start of the guarded code. It
 * returns itself when the code is to go on, and the result when the call is over. Kept in the
 * guard; a new reference. */
struct ol_pyobject *ol_guard_frame_door(struct ol_guard *guard);

/* All arguments as a tuple and a dict (NULL: no keywords); false with an exception set. */
bool ol_guarded_arguments(const struct ol_guarded *call, struct ol_pyobject **args,
                          struct ol_pyobject **kwargs);

/* The original call. */
struct ol_pyobject *ol_guarded_do(const struct ol_guarded *call);

/* What bridge.py decides: judge(guard, args, kwargs), and returned(args, kwargs, result, rule,
 * site), whose result is the next rule that a site is wanted for. */
struct ol_guard_judges {
    struct ol_pyobject *judge;
    struct ol_pyobject *returned;
};
extern struct ol_guard_judges ol_guard_judges;

/* Judges a call that did not prove right at the door, and makes it where it may be. */
struct ol_pyobject *ol_guard_judge(const struct ol_guarded *call);

/* This thread's part. */
struct ol_guard_thread {
    unsigned busy; /* in the bridge itself, or in a call that was judged: what is inside is part */
    const void *loop; /* the Python loop that it ran last; only compared */
    bool runs;        /* it does so still, as far as it was seen to begin */
};
extern __thread struct ol_guard_thread ol_guard_self __attribute__((tls_model("initial-exec")));

/* Guards act in one interpreter, from when it is known until it ends; elsewhere, and in
 * subinterpreters, which share method tables with it, every call is just made. */
extern const void *ol_guard_interpreter;

/* How many submissions no loop has taken up. */
extern unsigned ol_guard_idle;

/* The place of the call as a site without hits, for that rule (of ol_callable_at); -1: none. */
int ol_guarded_place(const struct ol_guarded *call, int rule);

/* The running loop of this thread, a new reference; NULL when there is none or asyncio is not
 * there. */
struct ol_pyobject *ol_guard_running_loop(void);

/* Whether that loop, of which it is known that it runs, runs in this thread. */
bool ol_guard_runs_here(const struct ol_pyobject *loop);

/* A loop runs in this thread. One whose Python loop has returned is a loop no longer, though its
 * descriptor is still open. */
bool ol_guard_is_on_a_loop(void);

/* Learns how to ask for it: asyncio's _get_running_loop. */
void ol_guard_learn_running_loop(struct ol_pyobject *function);

#endif
