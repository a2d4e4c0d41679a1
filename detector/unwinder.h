/* SPDX-License-Identifier: MIT */
/* libunwind: loaded apart (dlopen, RTLD_LOCAL), because its _Unwind_* symbols must not take over
 * the host's C++ and Rust unwinding. Used by stack.c (unwinder_use.h).
 *
 * To load it takes the loader's lock, which who is in a constructor holds, perhaps until a loop of
 * its own has run; it allocates; and the program's dlerror() is lost. So it is loaded where none of
 * this does harm: at start, where what is there could begin a loop (loop_near.h), otherwise when
 * the program itself loads something or leaves its root folder, or sets a filter of system calls. A
 * loop's first wait loads it only where a loop came by none of these ways. */
#ifndef OFFLOOP_UNWINDER_H
#define OFFLOOP_UNWINDER_H

#include <stdbool.h>

/* Loads it, once. False when it can't be had: it is not installed, the program's filter of system
 * calls may forbid it, or this is a child that no fork handler saw, of threads that may hold the
 * allocator's locks. Waits for another thread that is at it, a second at most. Keeps errno. */
bool ol_unwinder_load(void);

/* It was tried, and need not be again: for those who are called often. */
extern _Atomic bool ol_unwinder_tried;

/* In a forked child. `seen`: by fork handlers; `left_behind`: another thread was in the middle of
 * it, so it is not used any more. */
void ol_unwinder_forked(bool seen, bool left_behind);

#endif
