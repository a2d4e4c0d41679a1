/* SPDX-License-Identifier: MIT */
/* Calls of functions of rules files whose end is to be seen: where they return to, and what was
 * judged of them.
 *
 * The stub makes such a call with the caller's own stack pointer, so there is no place on the stack
 * for the caller's frame pointer and return address. They are in a record of their own, laid out as
 * a frame on the stack would be, which the frame pointer points to during the call. A call may
 * never return (an exception, a jump, a coroutine that is left), and its stack may be copied away
 * and put back (greenlets), so a record is never taken from a call that may still come back to it:
 * calls of one place and frame share one, and it counts them.
 */
#ifndef OFFLOOP_PATCH_BACK_H
#define OFFLOOP_PATCH_BACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "patch.h"

#define OL_PATCH_BACKS 32768

struct ol_patch_back {
    uintptr_t frame;     /* of the caller */
    const void *address; /* in it */
    _Atomic uint32_t calls;
};

/* A record of that place, one call more; NULL: all are taken. Takes no lock; signal handlers may
 * ask. */
struct ol_patch_back *ol_patch_back_take(uintptr_t frame, const void *address);

/* A call less. What is in the record stays, for who reads it next. */
void ol_patch_back_leave(struct ol_patch_back *back);

/* Called by the stubs when the call has returned; `stack` is where its arguments were. Keeps
 * errno. */
void ol_patch_is_over(struct ol_patch_back *back, uintptr_t stack);

#endif
