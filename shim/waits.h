/* SPDX-License-Identifier: MIT */
/* Waits that are not functions of the C library: what waits for an io_uring, by syscall() or in
 * liburing. */
#ifndef OFFLOOP_WAITS_H
#define OFFLOOP_WAITS_H

#include "../detector/loop_wait.h"
#include "../detector/thread.h"

/* A wait is entered: as ol_loop_wait, and a loop's wait is the moment for what is to be caught up
 * with. After OL_WAIT_loop, ol_loop_resume() follows. Keeps errno. */
enum ol_wait_verdict ol_waits_enter(const struct ol_wait *wait);

/* Waits of workers, again from the same place: no loop, nothing to judge. */
static inline bool ol_waits_is_no_loop(const void *caller)
{
    return OL_LIKELY(!ol_self.is_loop && ol_self.plain_caller == caller);
}

#endif
