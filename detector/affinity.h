/* SPDX-License-Identifier: MIT */
/* Which thread runs which loop, and whether a call came from the wrong one.
 *
 * Affinity is learnt from who runs a loop (uv_run, event_base_loop, ev_run, …, and every thread
 * that waits as loops do), never from who initialised it: a loop that nobody runs judges nobody.
 * Fixed tables, atomics only, no allocation; what finds no room is not judged.
 */
#ifndef OFFLOOP_AFFINITY_H
#define OFFLOOP_AFFINITY_H

#include <stdbool.h>
#include <stdint.h>

#include "function.h"
#include "text.h"

/* Stands for GTK, whose functions name no loop. */
extern const char ol_affinity_gtk[];

/* The calling thread runs that loop from now on. `loop` is NULL where only the descriptor is known
 * on which it waits (-1: not that either). Gives a handle for ol_affinity_end; -1: no room. */
int ol_affinity_begin(const void *loop, int descriptor);
void ol_affinity_end(int running);

/* The thread does not wait on its descriptor any more, though it is a loop still. */
void ol_affinity_left(int running);

/* An epoll descriptor of that number is new: who waited for one with it does so no more, however it
 * was closed. */
void ol_affinity_made(int descriptor);

/* The calling thread runs that loop. */
bool ol_affinity_is_mine(const void *loop);

/* The thread that waits on a loop's descriptor need not run it: another one was seen to run it. */
void ol_affinity_run_is_seen(const void *loop);

/* The calling thread ends: it runs no loop any more. */
void ol_affinity_thread_ends(void);

/* In a forked child: nobody runs anything. */
void ol_affinity_forked(void);

/* What is known of an object (a loop, a bufferevent): its loop, and whether it has a lock, so that
 * any thread may use it. */
void ol_affinity_bind(const void *object, const void *loop, bool locked);
void ol_affinity_forget(const void *object); /* and its parts */
bool ol_affinity_find(const void *object, const void **loop, bool *locked);

/* That object goes with another one, as its buffers with a bufferevent. */
void ol_affinity_bind_part(const void *whole, const void *part);
bool ol_affinity_is_locked(const void *object);

/* Is this call of a loop-only or off-loop-only function, by this thread, wrong? `object` is the
 * value of its argument, or what the function's getters made of it. True: `words` say which thread
 * should have. */
bool ol_affinity_wrong(const struct ol_function *function, const void *object,
                       struct ol_text *words);

#endif
