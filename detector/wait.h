/* SPDX-License-Identifier: MIT */
/* What a call waits for, where the function that was called does not tell: the lock under an
 * Event.wait(), the poll() of a socket with a timeout. Judged by what the user called, so that a
 * program gets the same verdict however long it had to wait. For the gate, behind its guard. */
#ifndef OFFLOOP_WAIT_H
#define OFFLOOP_WAIT_H

#include "hit.h"

/* Whether that call can be a part of such a wait. Cheap. */
static inline bool ol_wait_may_be(unsigned rule, enum ol_when when)
{
    switch (rule) {
    case OL_RULE_sem_wait:
    case OL_RULE_poll:
    case OL_RULE_sleep:
    case OL_RULE_wait:
    case OL_RULE_join:
        return true;
    case OL_RULE_read:
        return when == OL_COUNTS;
    default:
        return false;
    }
}

/* Gives the call the rule of the wait that it is a part of, by which it counts always; leaves it
 * as it is when it is none. False: nothing is waited for. Keeps errno. */
bool ol_wait_name(struct ol_call *call, enum ol_when *when);

#endif
