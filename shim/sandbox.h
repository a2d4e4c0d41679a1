/* SPDX-License-Identifier: MIT */
/* Where the program sets a filter of system calls (seccomp): by prctl(), or by number, as
 * libseccomp does. */
#ifndef OFFLOOP_SHIM_SANDBOX_H
#define OFFLOOP_SHIM_SANDBOX_H

#include <stdbool.h>

/* Whether the call with these words sets one. */
bool ol_sandbox_filter_is_set_by_prctl(unsigned long option, unsigned long mode);
bool ol_sandbox_filter_is_set_by_number(long number, long a, long b);

/* Around it: what it would forbid is made ready, and is not asked of the kernel from then on. Keep
 * errno. */
int ol_sandbox_filter_begins(bool strict, const void *filter);
void ol_sandbox_filter_is_set(int number, bool succeeded);

#endif
