/* SPDX-License-Identifier: MIT */
/* Joining threads. One that has ended is waited for by nobody. */
#include <pthread.h>
#include <threads.h>
#include <time.h>

#include "patience.h"

static bool has_ended(pthread_t thread, void **result, int *outcome)
{
    *outcome = REAL_OF(pthread_tryjoin_np)(thread, result);
    return *outcome != EBUSY;
}

/* Joining a thread that has ended waits for nothing. */
#define JOIN(symbol, parameters, arguments)                                                        \
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        int outcome;                                                                               \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        if (has_ended(thread, result, &outcome))                                                   \
            return outcome;                                                                        \
        struct ol_call call;                                                                       \
        struct ol_argument argument = NONE;                                                        \
        if (!ol_gate_enter(&call, OL_CALL_##symbol, OL_RULE_join, caller, &argument))              \
            return OL_FAIL_VALUE_errnum;                                                           \
        outcome = REAL(symbol) arguments;                                                          \
        ol_gate_leave(&call);                                                                      \
        return outcome;                                                                            \
    }                                                                                              \
    OL_ENTRY(symbol, int, parameters, arguments)                                                   \
    OL_CHECK_SIGNATURE(symbol)

JOIN(pthread_join, (pthread_t thread, void **result), (thread, result))
JOIN(pthread_timedjoin_np, (pthread_t thread, void **result, const struct timespec *deadline),
     (thread, result, deadline))
JOIN(pthread_clockjoin_np,
     (pthread_t thread, void **result, clockid_t clock, const struct timespec *deadline),
     (thread, result, clock, deadline))

USED int wrap_thrd_join(thrd_t thread, int *value);

static __attribute__((noinline)) int judged_thrd_join(const void *caller, thrd_t thread, int *value)
{
    int outcome;
    void *result;
    if (ol_gate_is_open())
        return REAL(thrd_join)(thread, value);
    if (has_ended(thread, &result, &outcome)) {
        if (outcome == 0 && value)
            *value = (int)(uintptr_t)result;
        return outcome == 0 ? thrd_success : thrd_error;
    }
    struct ol_call call;
    struct ol_argument argument = NONE;
    if (!ol_gate_enter(&call, OL_CALL_thrd_join, OL_RULE_join, caller, &argument))
        return OL_FAIL_VALUE_thrd_error;
    outcome = REAL(thrd_join)(thread, value);
    ol_gate_leave(&call);
    return outcome;
}

OL_ENTRY(thrd_join, int, (thrd_t thread, int *value), (thread, value))
OL_CHECK_SIGNATURE(thrd_join)
