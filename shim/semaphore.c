/* SPDX-License-Identifier: MIT */
/* Semaphores: CPython's locks. Their holder is noted at each success, on and off the loop. */
#include <semaphore.h>
#include <stddef.h>
#include <time.h>

#include "../detector/rawio.h"
#include "../detector/thread.h"
#include "holder.h"
#include "patience.h"

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

void ol_semaphore_forked(void)
{
    ol_semaphores = (struct semaphores)AT_FIRST;
}

static int sem_until(void *lock, const struct timespec *deadline)
{
    return ol_semaphores.clockwait(lock, CLOCK_MONOTONIC, deadline) == 0 ? 0 : errno;
}

static int sem_forever(void *lock)
{
    return ol_holder_note(lock, ol_semaphores.wait(lock)) == 0 ? 0 : errno;
}

/* Tried without waiting. True: that was it, and `*got` is the result. */
static bool is_settled(sem_t *semaphore, int *got)
{
    int saved = errno;
    if (ol_raw_beside_valgrind)
        return false;
    *got = ol_holder_note(semaphore, ol_semaphores.trywait(semaphore));
    if (*got == 0 || errno != EAGAIN)
        return true;
    errno = saved;
    return false;
}

USED int judged_sem_wait(sem_t *semaphore)
{
    static const struct ol_patience way = {OL_CALL_sem_wait, OL_RULE_sem_wait, sem_until,
                                           sem_forever, OL_SLOT_sem_clockwait};
    int got;
    if (ol_gate_is_open())
        return ol_holder_note(semaphore, ol_semaphores.wait(semaphore));
    if (is_settled(semaphore, &got))
        return got;
    int saved = errno;
    int error = ol_patience_wait(&way, OL_CALLER, semaphore, ol_holder_of(semaphore));
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
        struct ol_call call;                                                                       \
        struct ol_argument argument = LOCK(semaphore, ol_holder_of(semaphore));                    \
        ol_gate_judge(&call, OL_CALL_##symbol, OL_RULE_sem_wait, OL_CALLER, &argument,             \
                      OL_IF_SLOW);                                                                 \
        got = ol_holder_note(semaphore, ol_semaphores.member arguments);                           \
        ol_gate_leave(&call);                                                                      \
        return got;                                                                                \
    }                                                                                              \
    SEMAPHORE_ENTRY(symbol, member, parameters)

/* Off the loop: the real one, and the note. By the compiler that is an instruction over what a row
 * may cost, and every lock of CPython pays it; so on x86-64 it is written down here. On the loop it
 * jumps to the C function above. Elsewhere that function serves alone. */
#define SEMAPHORE_ENTRY(symbol, member, parameters)                                                \
    OL_ARCH_SEMAPHORE_ENTRY(symbol, parameters, offsetof(struct semaphores, member))               \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)
_Static_assert(offsetof(struct ol_thread, armed) == 0, "the assembler reads ol_self.armed");

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

OL_EXPORT(sem_trywait)
OL_CHECK_SIGNATURE(sem_trywait)
