/* SPDX-License-Identifier: MIT */
/* The two steps of a wait for a lock. The contract is in patience.h. */
#include "patience.h"

int ol_patience_wait(const struct ol_patience *way, const void *caller, void *lock, int holder)
{
    struct timespec deadline;
    struct ol_call call;
    struct ol_argument argument = LOCK(lock, holder);
    ol_gate_judge(&call, way->id, way->rule, caller, &argument, OL_IF_SLOW);
    int error = ETIMEDOUT;
    bool in_steps = call.slow_only && ol_real_agree(way->id, way->clocked);
    while (in_steps && call.slow_only &&
           error == ETIMEDOUT) { /* again when an allow rule covers it */
        int64_t end = call.started + call.least;
        deadline.tv_sec = end / 1000000000;
        deadline.tv_nsec = end % 1000000000;
        error = way->until(lock, &deadline);
        if (error == ETIMEDOUT || error == EINVAL)
            ol_gate_is_slow(&call);
    }
    if (error == ETIMEDOUT || error == EINVAL) /* priority-inheriting locks know one clock only */
        error = way->forever(lock);
    ol_gate_leave(&call);
    return error;
}
