/* SPDX-License-Identifier: MIT */
/* Waiting for another thread that makes something of which there is one: the record, what is known
 * of an interpreter. Without it a thread that begins its loop in that moment would lose its first
 * turns. */
#ifndef OFFLOOP_WORK_H
#define OFFLOOP_WORK_H

#include <stdatomic.h>
#include <stdbool.h>

/* Whose work it is: `state` and who is at it, a thread's id. Zeroed: nobody's yet. */
struct ol_work {
    _Atomic int state;
    _Atomic int by;
};

/* Takes the work: from the state `open` to `under_way`. False: somebody has it, or had it. */
bool ol_work_take(struct ol_work *work, int open, int under_way);

/* The work's state once it is not `under_way`. Waits for who is at it as long as that thread lives,
 * for a second at most: it may have been stopped. The thread itself, which may come here from a
 * signal handler, does not wait. Keeps errno. */
int ol_work_await(const struct ol_work *work, int under_way);

#endif
