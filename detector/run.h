/* SPDX-License-Identifier: MIT */
/* The function that runs a loop (loop_functions.def): which one the calling thread is in, and
 * whether it is still that call.
 *
 * A running function is known by the place on the stack where its return address stands. Memory of
 * calls that are over may keep its values for a while, so the callers' are looked at too.
 */
#ifndef OFFLOOP_RUN_H
#define OFFLOOP_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

enum ol_run_kind { OL_RUN_none, OL_RUN_whole, OL_RUN_step, OL_RUN_by_mode };

/* The outermost such function that the calling thread is in. Unknown without one, without
 * libunwind, and for functions on a coroutine's stack. Takes the loader's lock. Keeps errno. */
void ol_run_find(struct ol_run *run);

/* Whether that call still runs; true where it is not known. `stack` is an address in the asking
 * frame, on the thread's stack. A comparison a cell. */
static inline bool ol_run_stands_at(const struct ol_run *run, uintptr_t stack)
{
    if (run->count && stack >= (uintptr_t)run->cells[0].place)
        return false;
    for (unsigned i = 0; i < run->count; i++)
        if (*run->cells[i].place != run->cells[i].value)
            return false;
    return true;
}

static inline bool ol_run_stands(const struct ol_run *run)
{
    return ol_run_stands_at(run, (uintptr_t)__builtin_frame_address(0));
}

/* Tells the call from calls at other places: of the program, and of the stack. */
uint64_t ol_run_hash(const struct ol_run *run);

/* A run whose mode is seen begins, and ends: struct ol_run_seen. */
void ol_run_begins(struct ol_run_seen *seen, uintptr_t stack, bool whole);
void ol_run_ends(struct ol_run_seen *seen, uintptr_t stack);

/* The number of the run where it was seen, else 0. */
unsigned ol_run_number(const struct ol_run *run, const struct ol_run_seen *seen);

/* Whether the run is a step by what is known of it. Asked while it runs. */
bool ol_run_is_step(const struct ol_run *run, const struct ol_run_seen *seen);

/* Code was unloaded. */
void ol_run_forget(void);

#endif
