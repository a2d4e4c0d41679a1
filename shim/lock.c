/* Locks. Each is tried first: what is free is no hit and costs one more call. What is held is
 * waited for in two steps, up to OFFLOOP_SLOW_MS and then for good, so that a wait that never ends
 * is counted too. CPython waits for its GIL on a condition inside its runtime: rule `gil`. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <time.h>

#include "../detector/gil.h"
#include "../detector/guest.h"
#include "../detector/rawio.h"
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

/* A wait that has its own end. */
#define WAIT_ONCE(symbol, of_rule, when, shown, ...)                                               \
    struct ol_hit hit;                                                                             \
    struct ol_argument argument = shown;                                                           \
    ol_gate_judge(&hit, OL_CALL_##symbol, of_rule, caller, &argument, when);                       \
    int outcome = REAL(symbol)(__VA_ARGS__);                                                       \
    ol_gate_leave(&hit);                                                                           \
    return outcome;

/* The same for locks, which are tried first: `attempt` gives EBUSY when somebody has it. */
#define TIMED(symbol, of_rule, parameters, arguments, attempt, shown)                              \
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        int error = attempt;                                                                       \
        if (error != EBUSY)                                                                        \
            return error;                                                                          \
        WAIT_ONCE(symbol, of_rule, OL_IF_SLOW, shown, OL_UNWRAP arguments)                         \
    }                                                                                              \
    OL_ENTRY(symbol, int, parameters, arguments)

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

static __attribute__((noinline)) int judged_pthread_mutex_lock(const void *caller,
                                                               pthread_mutex_t *mutex)
{
    static const struct patience way = {OL_CALL_pthread_mutex_lock, OL_RULE_lock, mutex_until,
                                        mutex_forever};
    if (ol_gate_is_open() || ol_gil_is(mutex)) /* the GIL's own is held for a few instructions */
        return mutex_forever(mutex);
    int error = pthread_mutex_trylock(mutex);
    if (error != EBUSY)
        return error;
    return wait_in_steps(&way, caller, mutex, mutex->__data.__owner);
}

OL_ENTRY(pthread_mutex_lock, int, (pthread_mutex_t * mutex), (mutex))
TIMED(pthread_mutex_timedlock, OL_RULE_lock,
      (pthread_mutex_t * mutex, const struct timespec *deadline), (mutex, deadline),
      pthread_mutex_trylock(mutex), LOCK(mutex, mutex->__data.__owner))
TIMED(pthread_mutex_clocklock, OL_RULE_lock,
      (pthread_mutex_t * mutex, clockid_t clock, const struct timespec *deadline),
      (mutex, clock, deadline), pthread_mutex_trylock(mutex), LOCK(mutex, mutex->__data.__owner))
TIMED(pthread_spin_lock, OL_RULE_lock, (pthread_spinlock_t * lock), (lock),
      pthread_spin_trylock(lock), LOCK((const void *)(uintptr_t)lock, 0))

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
    OL_ENTRY(symbol, int, (pthread_rwlock_t * lock), (lock))                                       \
    TIMED(timed, OL_RULE_rwlock, (pthread_rwlock_t * lock, const struct timespec *deadline),       \
          (lock, deadline), try_it(lock), LOCK(lock, lock->__data.__cur_writer))

RWLOCK(pthread_rwlock_rdlock, pthread_rwlock_tryrdlock, pthread_rwlock_clockrdlock,
       pthread_rwlock_timedrdlock)
RWLOCK(pthread_rwlock_wrlock, pthread_rwlock_trywrlock, pthread_rwlock_clockwrlock,
       pthread_rwlock_timedwrlock)

/* --- conditions ---------------------------------------------------------------------------------
 */

/* A thread that wants the GIL waits for it again and again, a few milliseconds each: taken together
 * until there is a pause. With busy threads a fraction of a second is how CPython shares; longer
 * than ten stalls is somebody who does not let go. */
static int64_t gil_wait_began(int64_t now)
{
    static __thread int64_t began __attribute__((tls_model("initial-exec")));
    static __thread int64_t seen __attribute__((tls_model("initial-exec")));
    if (now - seen > 20 * INT64_C(1000000))
        began = now;
    seen = now;
    return began;
}

static void judge_gil(struct ol_hit *hit, enum ol_call call, const void *caller, const void *lock)
{
    struct ol_argument argument = LOCK(lock, 0);
    uint32_t stall_ms = ol_guest.options.stall_ms ? ol_guest.options.stall_ms : 100;
    ol_gate_judge(hit, call, OL_RULE_gil, caller, &argument, OL_IF_SLOW);
    hit->started = gil_wait_began(hit->started);
    hit->least = stall_ms * INT64_C(10000000);
}

/* Waiting for a condition is waiting, but for the interpreter's lock, which is judged apart. */
#define CONDITION(symbol, parameters, arguments)                                                   \
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        if (!ol_gil_is(condition)) {                                                               \
            WAIT_ONCE(symbol, OL_RULE_cond_wait, OL_COUNTS, LOCK(condition, 0),                    \
                      OL_UNWRAP arguments)                                                         \
        }                                                                                          \
        struct ol_hit hit;                                                                         \
        judge_gil(&hit, OL_CALL_##symbol, caller, condition);                                      \
        int outcome = REAL(symbol) arguments;                                                      \
        ol_gate_leave(&hit);                                                                       \
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

USED int wrap_pthread_barrier_wait(pthread_barrier_t *barrier);

static __attribute__((noinline)) int judged_pthread_barrier_wait(const void *caller,
                                                                 pthread_barrier_t *barrier)
{
    if (ol_gate_is_open())
        return REAL(pthread_barrier_wait)(barrier);
    WAIT_ONCE(pthread_barrier_wait, OL_RULE_cond_wait, OL_COUNTS, LOCK(barrier, 0), barrier)
}

OL_ENTRY(pthread_barrier_wait, int, (pthread_barrier_t * barrier), (barrier))

/* --- semaphores: CPython's locks ----------------------------------------------------------------
 */

/* The real ones of a thread: at first those below, which learn who the thread is; so the entries
 * need not ask. */
struct semaphores {
    int (*wait)(sem_t *semaphore);
    int (*trywait)(sem_t *semaphore);
    int (*timedwait)(sem_t *semaphore, const struct timespec *deadline);
    int (*clockwait)(sem_t *semaphore, clockid_t clock, const struct timespec *deadline);
};

static const struct semaphores *meet_thread(void);

static int first_wait(sem_t *semaphore)
{
    return meet_thread()->wait(semaphore);
}

static int first_trywait(sem_t *semaphore)
{
    return meet_thread()->trywait(semaphore);
}

static int first_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
    return meet_thread()->timedwait(semaphore, deadline);
}

static int first_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline)
{
    return meet_thread()->clockwait(semaphore, clock, deadline);
}

#define AT_FIRST                                                                                   \
    {                                                                                              \
        first_wait, first_trywait, first_timedwait, first_clockwait                                \
    }
/* not static: the assembler below names it */
__thread struct semaphores ol_semaphores __attribute__((tls_model("initial-exec"))) = AT_FIRST;

static const struct semaphores *meet_thread(void)
{
    ol_holder_meet(ol_raw_gettid());
    union {
        ol_real_function *any;
        __typeof(&sem_wait) wait;
        __typeof(&sem_timedwait) timedwait;
        __typeof(&sem_clockwait) clockwait;
    } found;
    found.any = ol_real_get(OL_SLOT_sem_wait);
    ol_semaphores.wait = found.wait;
    found.any = ol_real_get(OL_SLOT_sem_trywait);
    ol_semaphores.trywait = found.wait;
    found.any = ol_real_get(OL_SLOT_sem_timedwait);
    ol_semaphores.timedwait = found.timedwait;
    found.any = ol_real_get(OL_SLOT_sem_clockwait);
    ol_semaphores.clockwait = found.clockwait;
    return &ol_semaphores;
}

void ol_holder_forked(void)
{
    ol_semaphores = (struct semaphores)AT_FIRST;
}

static int sem_until(void *lock, const struct timespec *deadline)
{
    return sem_clockwait(lock, CLOCK_MONOTONIC, deadline) == 0 ? 0 : errno;
}

static int sem_forever(void *lock)
{
    return ol_holder_note(lock, ol_semaphores.wait(lock)) == 0 ? 0 : errno;
}

/* Tried without waiting. True: that was it, and `*got` is the result. */
static bool is_settled(sem_t *semaphore, int *got)
{
    int saved = errno;
    *got = ol_holder_note(semaphore, ol_semaphores.trywait(semaphore));
    if (*got == 0 || errno != EAGAIN)
        return true;
    errno = saved;
    return false;
}

USED int judged_sem_wait(sem_t *semaphore)
{
    static const struct patience way = {OL_CALL_sem_wait, OL_RULE_sem_wait, sem_until, sem_forever};
    int got;
    if (ol_gate_is_open())
        return ol_holder_note(semaphore, ol_semaphores.wait(semaphore));
    if (is_settled(semaphore, &got))
        return got;
    int saved = errno;
    int error = wait_in_steps(&way, OL_CALLER, semaphore, ol_holder_of(semaphore));
    errno = error ? error : saved;
    return error ? -1 : 0;
}

#define TIMED_SEMAPHORE(symbol, member, parameters, arguments)                                     \
    USED int judged_##symbol parameters                                                            \
    {                                                                                              \
        int got;                                                                                   \
        if (ol_gate_is_open())                                                                     \
            return ol_holder_note(semaphore, ol_semaphores.member arguments);                      \
        if (is_settled(semaphore, &got))                                                           \
            return got;                                                                            \
        struct ol_hit hit;                                                                         \
        struct ol_argument argument = LOCK(semaphore, ol_holder_of(semaphore));                    \
        ol_gate_judge(&hit, OL_CALL_##symbol, OL_RULE_sem_wait, OL_CALLER, &argument, OL_IF_SLOW); \
        got = ol_holder_note(semaphore, ol_semaphores.member arguments);                           \
        ol_gate_leave(&hit);                                                                       \
        return got;                                                                                \
    }                                                                                              \
    SEMAPHORE_ENTRY(symbol, member, parameters)

/* Off the loop: the real one, and the note. By the compiler that is an instruction over what a row
 * may cost, and every lock of CPython pays it; so on x86-64 it is written down here. On the loop it
 * jumps to the C function above. Elsewhere that function serves alone. */
#ifdef __x86_64__
#define SEMAPHORE_ENTRY(symbol, member, parameters)                                                \
    static __attribute__((naked, used)) int wrap_##symbol parameters                               \
    {                                                                                              \
        __asm__("movq ol_self@gottpoff(%%rip), %%rax\n\t"                                          \
                "cmpb $0, %%fs:(%%rax)\n\t"                                                        \
                "jne judged_" #symbol "\n\t"                                                       \
                "pushq %%rdi\n\t"                                                                  \
                ".cfi_adjust_cfa_offset 8\n\t"                                                     \
                "movq ol_semaphores@gottpoff(%%rip), %%rax\n\t"                                    \
                "call *%%fs:%c0(%%rax)\n\t"                                                        \
                "popq %%rdx\n\t"                                                                   \
                ".cfi_adjust_cfa_offset -8\n\t"                                                    \
                "testl %%eax, %%eax\n\t"                                                           \
                "jne 1f\n\t"                                                                       \
                "movq ol_holder_self@gottpoff(%%rip), %%rcx\n\t"                                   \
                "movzwl %%dx, %%esi\n\t"                                                           \
                "addq %%fs:(%%rcx), %%rdx\n\t"                                                     \
                "leaq ol_holders(%%rip), %%rcx\n\t"                                                \
                "movq %%rdx, (%%rcx,%%rsi)\n"                                                      \
                "1:\tret"                                                                          \
                :                                                                                  \
                : "i"(offsetof(struct semaphores, member)));                                       \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)
_Static_assert(offsetof(struct ol_thread, armed) == 0, "the assembler reads ol_self.armed");
#else
#define SEMAPHORE_ENTRY(symbol, member, parameters)                                                \
    extern __typeof(judged_##symbol) exported_##symbol __asm__(#symbol)                            \
        __attribute__((alias("judged_" #symbol), visibility("default")));
#endif

SEMAPHORE_ENTRY(sem_wait, wait, (sem_t * semaphore))
TIMED_SEMAPHORE(sem_timedwait, timedwait, (sem_t * semaphore, const struct timespec *deadline),
                (semaphore, deadline))
TIMED_SEMAPHORE(sem_clockwait, clockwait,
                (sem_t * semaphore, clockid_t clock, const struct timespec *deadline),
                (semaphore, clock, deadline))

USED int wrap_sem_trywait(sem_t *semaphore)
{
    return ol_holder_note(semaphore, ol_semaphores.trywait(semaphore));
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
    USED int wrap_##symbol parameters;                                                             \
    static __attribute__((noinline)) int judged_##symbol(const void *caller, OL_UNWRAP parameters) \
    {                                                                                              \
        int outcome;                                                                               \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        if (has_ended(thread, result, &outcome))                                                   \
            return outcome;                                                                        \
        struct ol_hit hit;                                                                         \
        struct ol_argument argument = NONE;                                                        \
        if (!ol_gate_enter(&hit, OL_CALL_##symbol, OL_RULE_join, caller, &argument))               \
            return OL_FAIL_VALUE_errnum;                                                           \
        outcome = REAL(symbol) arguments;                                                          \
        ol_gate_leave(&hit);                                                                       \
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

OL_EXPORT(sem_trywait)
OL_CHECK_SIGNATURE(pthread_mutex_lock)
OL_CHECK_SIGNATURE(pthread_rwlock_rdlock)
OL_CHECK_SIGNATURE(pthread_rwlock_wrlock)
OL_CHECK_SIGNATURE(sem_trywait)
