/* SPDX-License-Identifier: MIT */
/* Filters of system calls (seccomp) as the program gives them, read for sandbox.h, which says what
 * they leave us. Apart from it, since our system calls ask that one. */
#ifndef OFFLOOP_FILTERS_H
#define OFFLOOP_FILTERS_H

#include "sandbox.h"

/* The program is about to set that filter, or strict mode (NULL): a copy of it in a place of
 * ol_sandbox_claim(), whose number is the result. `filter` need not be there; one that can't be
 * read or kept forbids all. For signal handlers too. */
int ol_filters_plan(const struct sock_fprog *filter);

/* The process was born with filters that are not those of its whole container, where a filter gives
 * errors: nobody knows what they do to whom. By calls that the loader has made already. At start.
 */
bool ol_filters_are_inherited(void);

#endif
