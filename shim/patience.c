/* The two steps of a wait for a lock. The contract is in patience.h. */
#include "patience.h"

#include "../detector/guest.h"
#include "../detector/rawio.h"

int ol_patience_wait(const struct ol_patience *way, const void *caller, void *lock, int holder)
{
    struct timespec deadline;
    struct ol_hit hit;
    struct ol_argument argument = LOCK(lock, holder);
    ol_gate_judge(&hit, way->call, way->rule, caller, &argument, OL_IF_SLOW);
    int64_t end = ol_raw_now() + ol_guest.options.slow_ms * INT64_C(1000000);
    deadline.tv_sec = end / 1000000000;
    deadline.tv_nsec = end % 1000000000;
    int error = way->until(lock, &deadline);
    if (error == ETIMEDOUT || error == EINVAL) { /* priority-inheriting locks know one clock only */
        ol_gate_is_slow(&hit);
        error = way->forever(lock);
    }
    ol_gate_leave(&hit);
    return error;
}
