/* SPDX-License-Identifier: MIT */
/* Memory for what a hit needs, apart from the thread's stack: that can be a coroutine's of 4 KiB,
 * and the program needs its part. One private mapping a thread, made when it becomes a loop or has
 * its first hit, gone with the thread. Used by the gate alone, behind its guard, so never by two at
 * once. */
#ifndef OFFLOOP_SCRATCH_H
#define OFFLOOP_SCRATCH_H

#include "site.h"
#include "stack.h"

#define OL_SCRATCH_STACK                                                                           \
    (64u << 10) /* ten times what is needed; pages that are not used cost nothing */

#define OL_STEP_HELD 256 /* sites between two steps */

/* The hits of one site between two steps: see step.h. */
struct ol_step_held {
    struct ol_site_ref site;
    unsigned after; /* the number of the step before */
    bool first;     /* to be reported when they count */
    bool counted;   /* at once */
    struct ol_site_sum sum;
};

struct ol_scratch {
    _Alignas(64) unsigned char floor[OL_SCRATCH_STACK];
    struct ol_stack stack;
    struct ol_stack_words words;
    char argument[1100]; /* whole: allow rules look at it */
    char kept[1100];     /* what is recorded and shown of it */
    char line[4096];
    struct ol_step_held held[OL_STEP_HELD];
};

/* The calling thread's; NULL when there is no memory. Keeps errno. */
struct ol_scratch *ol_scratch_get(void);

/* Calls the function on a stack in there: how much is left of the thread's, nobody can know.
 * Signals are held back meanwhile, since a handler may need more, and who looks for the thread's
 * stack expects the program's. Where there is no memory, signals can't be held back, or a sanitizer
 * or valgrind watches the stacks, it is called as usual. It must return, and nothing of the
 * program's may be called by it. */
typedef void ol_scratch_function(void *argument);
void ol_scratch_run(ol_scratch_function *function, void *argument);

/* The thread ends. */
void ol_scratch_leave(void);

#endif
