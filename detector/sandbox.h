/* SPDX-License-Identifier: MIT */
/* Filters of system calls (seccomp) that the program has set: which of our own calls they allow
 * (own_calls.def). A call that is not allowed is never made, whatever the filter would answer: it
 * may be death.
 *
 * A filter of one thread counts for all: its children are not known apart. Filters that were set by
 * a bare `syscall` instruction, or before the library came, are not known. Lock-free; for signal
 * handlers too.
 */
#ifndef OFFLOOP_SANDBOX_H
#define OFFLOOP_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

enum ol_own_call {
#define OWN_CALL(name) OL_OWN_##name,
#define LENT_CALL(name, ...)
#include "own_calls.def"
#undef OWN_CALL
#undef LENT_CALL
    OL_OWN_COUNT
};

/* Its number for the kernel. */
long ol_sandbox_number(enum ol_own_call call);

/* Some call may be forbidden; the rest is asked only then. */
extern bool ol_sandbox_is_narrow;

/* Whether that call is allowed, with these six words; for those that rawio.c makes. */
bool ol_sandbox_allows(enum ol_own_call call, const uint64_t words[6]);

/* Whether what libunwind calls on our behalf is allowed. */
bool ol_sandbox_lends(void);

/* The program is about to set that filter, or strict mode (NULL). What is to be made ready for it
 * is made between the first two: it is in force from ol_sandbox_enter() on, for us before the
 * kernel knows it, and until ol_sandbox_withdraw(), when it could not be set. `filter` need not be
 * there; one that can't be read or kept forbids all. The number is for the others, -1 too. */
int ol_sandbox_plan(const struct sock_fprog *filter);
bool ol_sandbox_narrows(int number);
void ol_sandbox_enter(int number);
void ol_sandbox_withdraw(int number);

/* Some filter is in force that was seen. */
bool ol_sandbox_is_set(void);

/* The process was born with filters that are not those of its whole container, where a filter gives
 * errors: nobody knows what they do to whom. By calls that the loader has made already. At start.
 */
bool ol_sandbox_is_inherited(void);

#endif
