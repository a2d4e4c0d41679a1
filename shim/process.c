/* fork(): returns twice, and only the parent's return closes the hit. The child is made "no loop"
 * by the atfork handler. */
#include <stddef.h>
#include <unistd.h>

#include "wrap.h"

static __attribute__((noinline)) pid_t judged_fork(const void *caller)
{
    struct ol_hit hit;
    struct ol_argument argument = NONE;
    if (!ol_gate_enter(&hit, OL_CALL_fork, OL_RULE_fork, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    pid_t pid = ((pid_t(*)(void))ol_real_get(OL_CALL_fork))();
    if (pid)
        ol_gate_leave(&hit);
    return pid;
}

static __attribute__((used)) pid_t wrap_fork(void)
{
    return ol_gate_is_open() ? REAL(fork)() : judged_fork(OL_CALLER);
}

OL_EXPORT(fork)
OL_CHECK_SIGNATURE(fork)
