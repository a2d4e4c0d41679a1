/* SPDX-License-Identifier: MIT */
/* Mutexes, spin locks and read-write locks; those of <threads.h> too, which glibc makes of its own.
 */
#include <pthread.h>
#include <threads.h>
#include <time.h>

#include "../detector/runtime.h"
#include "condition.h"
#include "patience.h"

USED int wrap_pthread_mutex_lock(pthread_mutex_t *mutex);

static int mutex_until(void *lock, const struct timespec *deadline)
{
    return REAL_OF(pthread_mutex_clocklock)(lock, CLOCK_MONOTONIC, deadline);
}

static int mutex_forever(void *lock)
{
    return REAL(pthread_mutex_lock)(lock);
}

static __attribute__((noinline)) int judged_pthread_mutex_lock(const void *caller,
                                                               pthread_mutex_t *mutex)
{
    static const struct ol_patience way = {OL_CALL_pthread_mutex_lock, OL_RULE_lock, mutex_until,
                                           mutex_forever, OL_SLOT_pthread_mutex_clocklock};
    if (ol_gate_is_open())
        return mutex_forever(mutex);
    if (ol_runtime_owns_lock(mutex)) { /* held for a few instructions */
        ol_condition_ask_anew();
        return mutex_forever(mutex);
    }
    int error = REAL_OF(pthread_mutex_trylock)(mutex);
    if (error != EBUSY)
        return error;
    return ol_patience_wait(&way, caller, mutex, mutex->__data.__owner);
}

OL_ENTRY(pthread_mutex_lock, int, (pthread_mutex_t * mutex), (mutex))
TIMED(pthread_mutex_timedlock, OL_RULE_lock, EBUSY,
      (pthread_mutex_t * mutex, const struct timespec *deadline), (mutex, deadline),
      REAL_OF(pthread_mutex_trylock)(mutex), LOCK(mutex, mutex->__data.__owner))
TIMED(pthread_mutex_clocklock, OL_RULE_lock, EBUSY,
      (pthread_mutex_t * mutex, clockid_t clock, const struct timespec *deadline),
      (mutex, clock, deadline), REAL_OF(pthread_mutex_trylock)(mutex),
      LOCK(mutex, mutex->__data.__owner))
TIMED(pthread_spin_lock, OL_RULE_lock, EBUSY, (pthread_spinlock_t * lock), (lock),
      REAL_OF(pthread_spin_trylock)(lock), LOCK((const void *)(uintptr_t)lock, 0))

/* An mtx_t is a mutex with other words for what happened. */
USED int wrap_mtx_lock(mtx_t *mutex);

static int mtx_until(void *lock, const struct timespec *deadline)
{
    return mutex_until(lock, deadline) == 0 ? thrd_success : ETIMEDOUT;
}

static int mtx_forever(void *lock)
{
    return REAL(mtx_lock)(lock);
}

static __attribute__((noinline)) int judged_mtx_lock(const void *caller, mtx_t *mutex)
{
    static const struct ol_patience way = {OL_CALL_mtx_lock, OL_RULE_lock, mtx_until, mtx_forever,
                                           OL_SLOT_pthread_mutex_clocklock};
    if (ol_gate_is_open())
        return mtx_forever(mutex);
    int outcome = REAL_OF(mtx_trylock)(mutex);
    if (outcome != thrd_busy)
        return outcome;
    return ol_patience_wait(&way, caller, mutex, ((pthread_mutex_t *)mutex)->__data.__owner);
}

OL_ENTRY(mtx_lock, int, (mtx_t * mutex), (mutex))
TIMED(mtx_timedlock, OL_RULE_lock, thrd_busy, (mtx_t * mutex, const struct timespec *deadline),
      (mutex, deadline), REAL_OF(mtx_trylock)(mutex),
      LOCK(mutex, ((pthread_mutex_t *)mutex)->__data.__owner))

/* --- read-write locks ---------------------------------------------------------------------------
 */

#define RWLOCK(symbol, try_it, clocked, timed)                                                     \
    USED int wrap_##symbol(pthread_rwlock_t *lock);                                                \
    static int symbol##_until(void *lock, const struct timespec *deadline)                         \
    {                                                                                              \
        return REAL_OF(clocked)(lock, CLOCK_MONOTONIC, deadline);                                  \
    }                                                                                              \
    static int symbol##_forever(void *lock)                                                        \
    {                                                                                              \
        return REAL(symbol)(lock);                                                                 \
    }                                                                                              \
    static                                                                                         \
        __attribute__((noinline)) int judged_##symbol(const void *caller, pthread_rwlock_t *lock)  \
    {                                                                                              \
        static const struct ol_patience way = {OL_CALL_##symbol, OL_RULE_rwlock, symbol##_until,   \
                                               symbol##_forever, OL_SLOT_##clocked};               \
        int error = ol_gate_is_open() ? symbol##_forever(lock) : REAL_OF(try_it)(lock);            \
        if (error != EBUSY || ol_gate_is_open())                                                   \
            return error;                                                                          \
        return ol_patience_wait(&way, caller, lock, lock->__data.__cur_writer);                    \
    }                                                                                              \
    OL_ENTRY(symbol, int, (pthread_rwlock_t * lock), (lock))                                       \
    TIMED(timed, OL_RULE_rwlock, EBUSY,                                                            \
          (pthread_rwlock_t * lock, const struct timespec *deadline), (lock, deadline),            \
          REAL_OF(try_it)(lock), LOCK(lock, lock->__data.__cur_writer))                            \
    TIMED(clocked, OL_RULE_rwlock, EBUSY,                                                          \
          (pthread_rwlock_t * lock, clockid_t clock, const struct timespec *deadline),             \
          (lock, clock, deadline), REAL_OF(try_it)(lock), LOCK(lock, lock->__data.__cur_writer))

RWLOCK(pthread_rwlock_rdlock, pthread_rwlock_tryrdlock, pthread_rwlock_clockrdlock,
       pthread_rwlock_timedrdlock)
RWLOCK(pthread_rwlock_wrlock, pthread_rwlock_trywrlock, pthread_rwlock_clockwrlock,
       pthread_rwlock_timedwrlock)

OL_CHECK_SIGNATURE(pthread_mutex_lock)
OL_CHECK_SIGNATURE(mtx_lock)
OL_CHECK_SIGNATURE(pthread_rwlock_rdlock)
OL_CHECK_SIGNATURE(pthread_rwlock_wrlock)
