/* SPDX-License-Identifier: MIT */
/* Waiting for condition variables and barriers. It is always waiting, but for an interpreter's lock
 * (CPython's GIL, a condition inside its runtime, and Ruby's): rule `gil`, judged by time. */
#include "condition.h"

#include <pthread.h>
#include <threads.h>
#include <time.h>

#include "../detector/process.h"
#include "../detector/runtime.h"
#include "patience.h"

/* A thread asks for the GIL by its mutex, and then waits for its condition again and again, a few
 * milliseconds each: one acquisition, which is one hit. */
static __thread struct {
    int64_t began; /* 0: none yet */
    struct ol_gate_rest call;
} acquisition __attribute__((tls_model("initial-exec")));

void ol_condition_ask_anew(void)
{
    acquisition.began = 0;
}

/* Whether an interpreter's lock is waited for. Where only the wait tells (Ruby's), each is an
 * acquisition of its own. */
static bool is_for_gil(const void *condition, const void *mutex, const void *caller)
{
    if (ol_runtime_owns_lock(condition))
        return true;
    if (!ol_runtime_waits_for_lock(mutex, caller))
        return false;
    ol_condition_ask_anew();
    return true;
}

/* With busy threads a fraction of a second is how CPython shares; longer than ten stalls is
 * somebody who does not let go. */
static void judge_gil(struct ol_call *call, enum ol_call_id id, const void *caller,
                      const void *lock)
{
    struct ol_argument argument = LOCK(lock, 0);
    uint32_t stall_ms = ol_process.options.stall_ms ? ol_process.options.stall_ms : 100;
    ol_gate_judge(call, id, OL_RULE_gil, caller, &argument, OL_IF_SLOW);
    if (!call->slow_only) /* the policy ignores it */
        return;
    if (!acquisition.began)
        acquisition.began = call->started;
    call->started = acquisition.began;
    call->least = stall_ms * INT64_C(10000000);
}

static void begin_gil(struct ol_call *call, enum ol_call_id id, const void *caller,
                      const void *lock)
{
    struct ol_argument argument = LOCK(lock, 0);
    if (acquisition.began && acquisition.call.counted)
        ol_gate_resume(call, &acquisition.call, id, caller, &argument);
    else
        judge_gil(call, id, caller, lock);
}

#define CONDITION(symbol, parameters, arguments)                                                   \
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        if (!is_for_gil(condition, mutex, caller)) {                                               \
            WAIT_ONCE(symbol, OL_RULE_cond_wait, OL_COUNTS, LOCK(condition, 0),                    \
                      OL_UNWRAP arguments)                                                         \
        }                                                                                          \
        struct ol_call call;                                                                       \
        begin_gil(&call, OL_CALL_##symbol, caller, condition);                                     \
        int outcome = REAL(symbol) arguments;                                                      \
        ol_gate_leave(&call);                                                                      \
        acquisition.call = ol_gate_rest_of(&call);                                                 \
        return outcome;                                                                            \
    }                                                                                              \
    OL_ENTRY(symbol, int, parameters, arguments)                                                   \
    OL_CHECK_SIGNATURE(symbol)

CONDITION(pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t *mutex),
          (condition, mutex))
CONDITION(pthread_cond_timedwait,
          (pthread_cond_t * condition, pthread_mutex_t *mutex, const struct timespec *deadline),
          (condition, mutex, deadline))
CONDITION(pthread_cond_clockwait,
          (pthread_cond_t * condition, pthread_mutex_t *mutex, clockid_t clock,
           const struct timespec *deadline),
          (condition, mutex, clock, deadline))

/* Those that no interpreter makes its lock of. */
#define MEETING(symbol, met_at, parameters, arguments)                                             \
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        WAIT_ONCE(symbol, OL_RULE_cond_wait, OL_COUNTS, LOCK(met_at, 0), OL_UNWRAP arguments)      \
    }                                                                                              \
    OL_ENTRY(symbol, int, parameters, arguments)                                                   \
    OL_CHECK_SIGNATURE(symbol)

MEETING(cnd_wait, condition, (cnd_t * condition, mtx_t *mutex), (condition, mutex))
MEETING(cnd_timedwait, condition,
        (cnd_t * condition, mtx_t *mutex, const struct timespec *deadline),
        (condition, mutex, deadline))
MEETING(pthread_barrier_wait, barrier, (pthread_barrier_t * barrier), (barrier))
