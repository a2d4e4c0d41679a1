/* SPDX-License-Identifier: MIT */
/* The functions of libunwind, for stack.c. */
#ifndef OFFLOOP_UNWINDER_USE_H
#define OFFLOOP_UNWINDER_USE_H

#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stdatomic.h>

#include "unwinder.h"

/* What libunwind.h has names for, by their real names. */
struct ol_unwinder {
    int (*backtrace)(void **buffer, int size);      /* has a cache for each thread */
    int (*getcontext)(unw_tdep_context_t *context); /* where it is no instruction or two */
    int (*start)(unw_cursor_t *cursor, unw_context_t *context);
    int (*step)(unw_cursor_t *cursor);
    int (*get)(unw_cursor_t *cursor, int number, unw_word_t *value);
    int (*saved)(unw_cursor_t *cursor, int number, unw_save_loc_t *place);
    void (*flush)(unw_addr_space_t space, unw_word_t low, unw_word_t high);
    unw_addr_space_t *space;
    bool steps; /* what goes from frame to frame is there too */
};

extern struct ol_unwinder ol_unwinder; /* good while it is there */

extern _Atomic bool ol_unwinder_there;

static inline bool ol_unwinder_is_there(void)
{
    return atomic_load_explicit(&ol_unwinder_there, memory_order_acquire);
}

static inline bool ol_unwinder_steps(void)
{
    return ol_unwinder_is_there() && ol_unwinder.steps;
}

#endif
