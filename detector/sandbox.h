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
#include <stddef.h>
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

struct ol_sandbox_filter {
    _Atomic int state;
    bool strict; /* strict mode: there are no lines */
    uint32_t count;
    struct sock_filter *lines; /* a copy of ours; stays for the next one that gets this place */
    size_t room;
};

/* A place for a filter that the program is about to set (filters.h): without lines it forbids all.
 * It is in force from ol_sandbox_enter() on, for us before the kernel knows it, and until
 * ol_sandbox_withdraw(), when it could not be set; what is to be made ready for it is made before.
 * The number is for the others; -1, where no place is left, forbids all for good. */
int ol_sandbox_claim(bool strict, struct ol_sandbox_filter **filter);
bool ol_sandbox_narrows(int number);
void ol_sandbox_enter(int number);
void ol_sandbox_withdraw(int number);

/* Some filter is in force that was seen. */
bool ol_sandbox_is_set(void);

#endif
