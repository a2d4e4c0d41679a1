/* SPDX-License-Identifier: MIT */
/* How locks are waited for: tried first, since what is free is no hit and costs one more call. What
 * is held is waited for in two steps, up to OFFLOOP_SLOW_MS and then for good, so that a wait that
 * never ends is counted too. In one step where a library behind us (ThreadSanitizer, a lock
 * profiler) answers the lock but not the wait until a moment: it would not know that the lock was
 * taken. For lock.c, semaphore.c, condition.c and join.c. */
#ifndef OFFLOOP_PATIENCE_H
#define OFFLOOP_PATIENCE_H

#include <time.h>

#include "wrap.h"

/* How a lock is waited for. Both return 0 or an error number. */
struct ol_patience {
    enum ol_call_id id;
    unsigned rule;
    int (*until)(void *lock, const struct timespec *deadline); /* CLOCK_MONOTONIC */
    int (*forever)(void *lock);
    enum ol_slot clocked; /* what `until` calls */
};

/* Waits for a lock that was held when it was tried. `holder` is a thread's id, 0 when not known.
 * Returns 0 or an error number. */
int ol_patience_wait(const struct ol_patience *way, const void *caller, void *lock, int holder);

#define USED static __attribute__((used))

/* A wait that has its own end. */
#define WAIT_ONCE(symbol, of_rule, when, shown, ...)                                               \
    struct ol_call call;                                                                           \
    struct ol_argument argument = shown;                                                           \
    ol_gate_judge(&call, OL_CALL_##symbol, of_rule, caller, &argument, when);                      \
    int outcome = REAL(symbol)(__VA_ARGS__);                                                       \
    ol_gate_leave(&call);                                                                          \
    return outcome;

/* The same for locks, which are tried first: `attempt` gives `busy` when somebody has it. */
#define TIMED(symbol, of_rule, busy, parameters, arguments, attempt, shown)                        \
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        int error = attempt;                                                                       \
        if (error != (busy))                                                                       \
            return error;                                                                          \
        WAIT_ONCE(symbol, of_rule, OL_IF_SLOW, shown, OL_UNWRAP arguments)                         \
    }                                                                                              \
    OL_ENTRY(symbol, int, parameters, arguments)

#endif
