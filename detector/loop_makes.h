/* SPDX-License-Identifier: MIT */
/* Which waits make the thread that waits a loop, as OFFLOOP_LOOP, rules and known libraries have
 * it. For the calling thread. May take the loader's lock; keeps errno.
 */
#ifndef OFFLOOP_LOOP_MAKES_H
#define OFFLOOP_LOOP_MAKES_H

#include <stdbool.h>

struct ol_wait;

/* It waits as loops do, and is among the threads that may be one. */
bool ol_loop_makes(const struct ol_wait *wait);

/* A no-loop line keeps it from being one all the same: by its name, or by a library that stands on
 * its stack. Such a thread is noted as not watched. What the user names is a loop nevertheless. One
 * comparison where the last answer was yes and the wait is the same. */
bool ol_loop_makes_none(const struct ol_wait *wait);

/* This wait, which is none for an epoll descriptor, is a loop's for who calls it. One look-up per
 * caller in a row. */
bool ol_loop_called_by_library(const struct ol_wait *wait);

/* No later wait from that caller can make this thread, which is none by it, a loop. */
bool ol_loop_never_makes(const struct ol_wait *wait);

/* A thread of that name is a loop: OFFLOOP_LOOP or a `loop` line says so. */
bool ol_loop_names(const char *name);

#endif
