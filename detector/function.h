/* SPDX-License-Identifier: MIT */
/* Functions that rules files name: `blocking`, `loop-only` and `off-loop-only` lines, and the few
 * functions by which loops are learnt (shim/learn.def). Found by the name of a symbol.
 *
 * Filled at start, and by one thread at a time when a pack is needed later; entries that others may
 * have found stay as they are. No allocation.
 */
#ifndef OFFLOOP_FUNCTION_H
#define OFFLOOP_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

#define OL_FUNCTION_MAX 1500
#define OL_FUNCTION_GLOBS 64 /* rules whose name is a pattern */
#define OL_FUNCTION_SAFE 256 /* `safe` lines */
#define OL_GETTERS 2
#define OL_NO_ARGUMENT 0xff

/* Which loop a call belongs to. */
enum ol_belongs {
    OL_BELONGS_any,      /* some loop thread */
    OL_BELONGS_main,     /* the loop of the process's main thread */
    OL_BELONGS_gtk,      /* the thread that runs GTK */
    OL_BELONGS_argument, /* the loop that an argument is or leads to */
};

struct ol_function {
    const char *name; /* of the symbol, or a glob */
    uint16_t rule;
    uint8_t kind;      /* enum ol_kind: blocking, loop_only, off_loop_only */
    uint8_t belongs;   /* enum ol_belongs */
    uint8_t argument;  /* OL_BELONGS_argument: its number, from 0 */
    uint8_t condition; /* judged only where that argument is not NULL, or OL_NO_ARGUMENT */
    uint8_t shown;     /* a string argument to show, or OL_NO_ARGUMENT */
    bool indirect;     /* the argument is an object, which points to its loop at `offset` */
    uint16_t offset;
    const char *getters[OL_GETTERS]; /* functions of its library that lead from the argument to the
                                      * loop, one after the other; NULL: no more */
    uint16_t descriptor;             /* where a loop keeps its epoll descriptor, 0: not known */
    bool slow_only;                  /* counts only when it took OFFLOOP_SLOW_MS or longer */
    bool can_fail;                   /* `block` can fail it: it returns `failure` */
    int64_t failure;
    bool shipped;    /* from a pack: calls inside the loop library itself do not count */
    bool judged;     /* a rule names it */
    uint8_t learner; /* what it tells of loops, a row of shim/learn.def from 1 on; 0: nothing */
};

/* Keeps a function; one of that name is replaced, but not a user's by a pack's. False: no room. */
bool ol_function_add(const struct ol_function *function);

/* The one that was kept by exactly that name; NULL: none. */
const struct ol_function *ol_function_named(const char *name);

/* That function tells of loops, whether a rule names it or not. */
bool ol_function_add_learner(const char *name, uint8_t learner);

/* Symbols that the glob covers are in no pattern's rule. False: no room. */
bool ol_function_keep_safe(const char *glob);

/* The function of that symbol: by its name, else by the first pattern that covers it. NULL for
 * others. Made for being asked about every import of a process: a few nanoseconds for most. */
const struct ol_function *ol_function_find(const char *symbol);

unsigned ol_function_count(void);
const struct ol_function *ol_function_at(unsigned index);

/* Its name is a pattern. */
bool ol_function_is_glob(const struct ol_function *function);

/* Forgets all; for tests. */
void ol_function_reset(void);

#endif
