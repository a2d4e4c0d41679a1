/* Locks. Each is tried first: what is free is no hit and costs one more call. What is held is
 * waited for in two steps, up to OFFLOOP_SLOW_MS and then for good, so that a wait that never ends
 * is counted too. CPython waits for its GIL on a condition inside its runtime: rule `gil`. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <time.h>

#include "../detector/gil.h"
#include "../detector/guest.h"
#include "holder.h"
#include "wrap.h"

/* How a lock is waited for. Both return 0 or an error number. */
struct patience {
    enum ol_call call;
    unsigned rule;
    int (*until)(void *lock, const struct timespec *deadline); /* CLOCK_MONOTONIC */
    int (*forever)(void *lock);
};

static int wait_in_steps(const struct patience *way, const void *caller, void *lock, int holder)
{
    struct timespec deadline;
    struct ol_hit hit;
    struct ol_argument argument = LOCK(lock, holder);
    ol_gate_judge(&hit, way->call, way->rule, caller, &argument, OL_IF_SLOW);
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    int64_t ns = deadline.tv_nsec + ol_guest.options.slow_ms * INT64_C(1000000);
    deadline.tv_sec += ns / 1000000000;
    deadline.tv_nsec = ns % 1000000000;
    int error = way->until(lock, &deadline);
    if (error == ETIMEDOUT || error == EINVAL) { /* priority-inheriting locks know one clock only */
        ol_gate_is_slow(&hit);
        error = way->forever(lock);
    }
    ol_gate_leave(&hit);
    return error;
}

/* A wait that has its own end. */
#define WAIT_ONCE(symbol, of_rule, when, shown, ...)                                               \
    struct ol_hit hit;                                                                             \
    struct ol_argument argument = shown;                                                           \
    ol_gate_judge(&hit, OL_CALL_##symbol, of_rule, OL_CALLER, &argument, when);                    \
    int outcome = REAL(symbol)(__VA_ARGS__);                                                       \
    ol_gate_leave(&hit);                                                                           \
    return outcome;

#define USED static __attribute__((used))

/* --- mutexes ------------------------------------------------------------------------------------
 */

USED int wrap_pthread_mutex_lock(pthread_mutex_t *mutex);

static int mutex_until(void *lock, const struct timespec *deadline)
{
    return pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, deadline);
}

static int mutex_forever(void *lock)
{
    return REAL(pthread_mutex_lock)(lock);
}

static __attribute__((noinline)) int judged_mutex(const void *caller, pthread_mutex_t *mutex)
{
    static const struct patience way = {OL_CALL_pthread_mutex_lock, OL_RULE_lock, mutex_until,
                                        mutex_forever};
    int error = ol_gate_is_open() ? EBUSY : pthread_mutex_trylock(mutex);
    if (error != EBUSY)
        return error;
    if (ol_gate_is_open())
        return mutex_forever(mutex);
    return wait_in_steps(&way, caller, mutex, mutex->__data.__owner);
}

USED int wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    ol_real_function *known = ol_real_slots[OL_SLOT_pthread_mutex_lock];
    if (ol_gate_is_open() && OL_LIKELY(known != NULL))
        return ((int (*)(pthread_mutex_t *))known)(mutex);
    return judged_mutex(OL_CALLER, mutex);
}

USED int wrap_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
    if (ol_gate_is_open())
        return REAL(pthread_mutex_timedlock)(mutex, deadline);
    WAIT_ONCE(pthread_mutex_timedlock, OL_RULE_lock, OL_IF_SLOW, LOCK(mutex, mutex->__data.__owner),
              mutex, deadline)
}

USED int wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                                      const struct timespec *deadline)
{
    if (ol_gate_is_open())
        return REAL(pthread_mutex_clocklock)(mutex, clock, deadline);
    WAIT_ONCE(pthread_mutex_clocklock, OL_RULE_lock, OL_IF_SLOW, LOCK(mutex, mutex->__data.__owner),
              mutex, clock, deadline)
}

USED int wrap_pthread_spin_lock(pthread_spinlock_t *lock)
{
    if (ol_gate_is_open())
        return REAL(pthread_spin_lock)(lock);
    WAIT_ONCE(pthread_spin_lock, OL_RULE_lock, OL_IF_SLOW, LOCK((const void *)(uintptr_t)lock, 0),
              lock)
}

/* --- read-write locks ---------------------------------------------------------------------------
 */

#define RWLOCK(symbol, try_it, clocked, timed)                                                     \
    USED int wrap_##symbol(pthread_rwlock_t *lock);                                                \
    static int symbol##_until(void *lock, const struct timespec *deadline)                         \
    {                                                                                              \
        return clocked(lock, CLOCK_MONOTONIC, deadline);                                           \
    }                                                                                              \
    static int symbol##_forever(void *lock)                                                        \
    {                                                                                              \
        return REAL(symbol)(lock);                                                                 \
    }                                                                                              \
    static                                                                                         \
        __attribute__((noinline)) int judged_##symbol(const void *caller, pthread_rwlock_t *lock)  \
    {                                                                                              \
        static const struct patience way = {OL_CALL_##symbol, OL_RULE_rwlock, symbol##_until,      \
                                            symbol##_forever};                                     \
        int error = ol_gate_is_open() ? symbol##_forever(lock) : try_it(lock);                     \
        if (error != EBUSY || ol_gate_is_open())                                                   \
            return error;                                                                          \
        return wait_in_steps(&way, caller, lock, lock->__data.__cur_writer);                       \
    }                                                                                              \
    USED int wrap_##symbol(pthread_rwlock_t *lock)                                                 \
    {                                                                                              \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (ol_gate_is_open() && OL_LIKELY(known != NULL))                                         \
            return ((int (*)(pthread_rwlock_t *))known)(lock);                                     \
        return judged_##symbol(OL_CALLER, lock);                                                   \
    }                                                                                              \
    USED int wrap_##timed(pthread_rwlock_t *lock, const struct timespec *deadline)                 \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(timed)(lock, deadline);                                                    \
        WAIT_ONCE(timed, OL_RULE_rwlock, OL_IF_SLOW, LOCK(lock, lock->__data.__cur_writer), lock,  \
                  deadline)                                                                        \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_EXPORT(timed)

RWLOCK(pthread_rwlock_rdlock, pthread_rwlock_tryrdlock, pthread_rwlock_clockrdlock,
       pthread_rwlock_timedrdlock)
RWLOCK(pthread_rwlock_wrlock, pthread_rwlock_trywrlock, pthread_rwlock_clockwrlock,
       pthread_rwlock_timedwrlock)

/* --- conditions ---------------------------------------------------------------------------------
 */

/* Waiting for a condition is waiting, but for the interpreter's lock: that counts if slow, apart.
 */
#define CONDITION(symbol, parameters, arguments)                                                   \
    USED int wrap_##symbol parameters                                                              \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        bool is_gil = ol_gil_is(condition);                                                        \
        WAIT_ONCE(symbol, is_gil ? OL_RULE_gil : OL_RULE_cond_wait,                                \
                  is_gil ? OL_IF_SLOW : OL_COUNTS, LOCK(condition, 0), OL_UNWRAP arguments)        \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
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

USED int wrap_pthread_barrier_wait(pthread_barrier_t *barrier)
{
    if (ol_gate_is_open())
        return REAL(pthread_barrier_wait)(barrier);
    WAIT_ONCE(pthread_barrier_wait, OL_RULE_cond_wait, OL_COUNTS, LOCK(barrier, 0), barrier)
}

/* --- semaphores: CPython's locks ----------------------------------------------------------------
 */

USED int wrap_sem_wait(sem_t *semaphore);
USED int wrap_sem_trywait(sem_t *semaphore);

static int sem_until(void *lock, const struct timespec *deadline)
{
    return sem_clockwait(lock, CLOCK_MONOTONIC, deadline) == 0 ? 0 : errno;
}

static int sem_forever(void *lock)
{
    return REAL(sem_wait)(lock) == 0 ? 0 : errno;
}

static __attribute__((noinline)) int judged_sem_wait(const void *caller, sem_t *semaphore)
{
    static const struct patience way = {OL_CALL_sem_wait, OL_RULE_sem_wait, sem_until, sem_forever};
    int saved = errno;
    int got = wrap_sem_trywait(semaphore);
    if (got == 0 || errno != EAGAIN)
        return got;
    errno = saved;
    int error = wait_in_steps(&way, caller, semaphore, ol_holder_of(semaphore));
    if (!error)
        return 0;
    errno = error;
    return -1;
}

USED int wrap_sem_wait(sem_t *semaphore)
{
    if (!ol_gate_is_open())
        return judged_sem_wait(OL_CALLER, semaphore);
    return ol_holder_note(semaphore, REAL(sem_wait)(semaphore));
}

USED int wrap_sem_trywait(sem_t *semaphore)
{
    return ol_holder_note(semaphore, REAL(sem_trywait)(semaphore));
}

USED int wrap_sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
    if (ol_gate_is_open())
        return ol_holder_note(semaphore, REAL(sem_timedwait)(semaphore, deadline));
    WAIT_ONCE(sem_timedwait, OL_RULE_sem_wait, OL_IF_SLOW, LOCK(semaphore, ol_holder_of(semaphore)),
              semaphore, deadline)
}

USED int wrap_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline)
{
    if (ol_gate_is_open())
        return ol_holder_note(semaphore, REAL(sem_clockwait)(semaphore, clock, deadline));
    WAIT_ONCE(sem_clockwait, OL_RULE_sem_wait, OL_IF_SLOW, LOCK(semaphore, ol_holder_of(semaphore)),
              semaphore, clock, deadline)
}

/* --- threads ------------------------------------------------------------------------------------
 */

static bool has_ended(pthread_t thread, void **result, int *outcome)
{
    *outcome = pthread_tryjoin_np(thread, result);
    return *outcome != EBUSY;
}

/* Joining a thread that has ended waits for nothing. */
#define JOIN(symbol, parameters, arguments)                                                        \
    USED int wrap_##symbol parameters                                                              \
    {                                                                                              \
        int outcome;                                                                               \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        if (has_ended(thread, result, &outcome))                                                   \
            return outcome;                                                                        \
        struct ol_hit hit;                                                                         \
        struct ol_argument argument = NONE;                                                        \
        if (!ol_gate_enter(&hit, OL_CALL_##symbol, OL_RULE_join, OL_CALLER, &argument))            \
            return OL_FAIL_VALUE_errnum;                                                           \
        outcome = REAL(symbol) arguments;                                                          \
        ol_gate_leave(&hit);                                                                       \
        return outcome;                                                                            \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

JOIN(pthread_join, (pthread_t thread, void **result), (thread, result))
JOIN(pthread_timedjoin_np, (pthread_t thread, void **result, const struct timespec *deadline),
     (thread, result, deadline))
JOIN(pthread_clockjoin_np,
     (pthread_t thread, void **result, clockid_t clock, const struct timespec *deadline),
     (thread, result, clock, deadline))

OL_EXPORT(pthread_mutex_lock)
OL_EXPORT(pthread_mutex_timedlock)
OL_EXPORT(pthread_mutex_clocklock)
OL_EXPORT(pthread_spin_lock)
OL_EXPORT(pthread_barrier_wait)
OL_EXPORT(sem_wait)
OL_EXPORT(sem_trywait)
OL_EXPORT(sem_timedwait)
OL_EXPORT(sem_clockwait)
OL_CHECK_SIGNATURE(pthread_mutex_lock)
OL_CHECK_SIGNATURE(pthread_mutex_timedlock)
OL_CHECK_SIGNATURE(pthread_mutex_clocklock)
OL_CHECK_SIGNATURE(pthread_spin_lock)
OL_CHECK_SIGNATURE(pthread_rwlock_rdlock)
OL_CHECK_SIGNATURE(pthread_rwlock_wrlock)
OL_CHECK_SIGNATURE(sem_wait)
OL_CHECK_SIGNATURE(sem_trywait)
