/* SPDX-License-Identifier: MIT */
/* every_call: the rows of the family `lock`. The locks are objects of the program, named in its
 * symbol table. */
#include "every_call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

pthread_mutex_t every_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t every_rwlock = PTHREAD_RWLOCK_INITIALIZER;
pthread_spinlock_t every_spin; /* as pthread_spin_init() leaves it: free */
pthread_cond_t every_condition = PTHREAD_COND_INITIALIZER;
pthread_barrier_t every_barrier;
sem_t every_semaphore;
int every_futex;
mtx_t every_mtx;
cnd_t every_cnd;

/* The main thread is who holds them: the process's first, which has the program's name. */
static void argue_held(struct trial *t, const char *symbol)
{
    char name[16];
    pthread_getname_np(pthread_self(), name, sizeof name);
    argue(t, "%s, held by thread %d (%s)", symbol, (int)getpid(), name);
}

/* --- mutexes
 * ----------------------------------------------------------------------------------------- */

static void mutex_is_held(struct trial *t)
{
    pthread_mutex_lock(&every_mutex);
    argue_held(t, "every_mutex");
}

static void release_mutex(struct trial *t)
{
    (void)t;
    pthread_mutex_unlock(&every_mutex);
}

static void spin_is_held(struct trial *t)
{
    pthread_spin_init(&every_spin, PTHREAD_PROCESS_PRIVATE);
    pthread_spin_lock(&every_spin);
    argue(t, "every_spin");
}

static void spin_is_free(struct trial *t)
{
    (void)t;
    pthread_spin_init(&every_spin, PTHREAD_PROCESS_PRIVATE);
}

static void release_spin(struct trial *t)
{
    (void)t;
    pthread_spin_unlock(&every_spin);
}

/* A deadline that has passed: of a lock that is held, the call says so. */
static void mutex_stays_held(struct trial *t)
{
    mutex_is_held(t);
    t->until.tv_sec -= 100;
    t->until_monotonic.tv_sec = 0;
}

static long and_release(int result)
{
    if (result == 0)
        pthread_mutex_unlock(&every_mutex);
    return result;
}

static const struct world held_mutex = {"held", IF_SLOW, true, .prepare = mutex_is_held,
                                        .meanwhile = release_mutex};
static const struct world free_mutex = {"free", SILENT};
static const struct world late_mutex = {"too-late", IF_SLOW, .prepare = mutex_stays_held,
                                        .clean = release_mutex};
CASE(pthread_mutex_lock, WORLDS(&held_mutex, &free_mutex),
     and_release(pthread_mutex_lock(&every_mutex)))
CASE(pthread_mutex_timedlock, WORLDS(&held_mutex, &free_mutex, &late_mutex),
     and_release(pthread_mutex_timedlock(&every_mutex, &t->until)))
CASE(pthread_mutex_clocklock, WORLDS(&held_mutex, &free_mutex, &late_mutex),
     and_release(pthread_mutex_clocklock(&every_mutex, CLOCK_MONOTONIC, &t->until_monotonic)))

/* Those of C11. */
static void mtx_is_free(struct trial *t)
{
    (void)t;
    mtx_init(&every_mtx, mtx_timed);
}

static void mtx_is_held(struct trial *t)
{
    mtx_is_free(t);
    mtx_lock(&every_mtx);
    argue_held(t, "every_mtx");
}

static void mtx_stays_held(struct trial *t)
{
    mtx_is_held(t);
    t->until.tv_sec -= 100;
}

static void release_mtx(struct trial *t)
{
    (void)t;
    mtx_unlock(&every_mtx);
}

static long and_release_mtx(int result)
{
    if (result == thrd_success)
        mtx_unlock(&every_mtx);
    return result;
}

static const struct world held_mtx = {"held", IF_SLOW, true, .prepare = mtx_is_held,
                                      .meanwhile = release_mtx};
static const struct world free_mtx = {"free", SILENT, .prepare = mtx_is_free};
static const struct world late_mtx = {"too-late", IF_SLOW, .prepare = mtx_stays_held,
                                      .clean = release_mtx};
CASE(mtx_lock, WORLDS(&held_mtx, &free_mtx), and_release_mtx(mtx_lock(&every_mtx)))
CASE(mtx_timedlock, WORLDS(&held_mtx, &free_mtx, &late_mtx),
     and_release_mtx(mtx_timedlock(&every_mtx, &t->until)))

static const struct world held_spin = {"held", IF_SLOW, true, .prepare = spin_is_held,
                                       .meanwhile = release_spin};
static const struct world free_spin = {"free", SILENT, .prepare = spin_is_free};
CASE(pthread_spin_lock, WORLDS(&held_spin, &free_spin),
     (pthread_spin_lock(&every_spin), pthread_spin_unlock(&every_spin)))

/* --- read-write locks
 * -------------------------------------------------------------------------------- */

static void rwlock_is_written(struct trial *t)
{
    pthread_rwlock_wrlock(&every_rwlock);
    argue_held(t, "every_rwlock");
}

static void rwlock_is_read(struct trial *t)
{
    pthread_rwlock_rdlock(&every_rwlock);
    argue(t, "every_rwlock");
}

static void release_rwlock(struct trial *t)
{
    (void)t;
    pthread_rwlock_unlock(&every_rwlock);
}

static long and_release_rwlock(int result)
{
    if (result == 0)
        pthread_rwlock_unlock(&every_rwlock);
    return result;
}

static const struct world written = {"written", IF_SLOW, true, .prepare = rwlock_is_written,
                                     .meanwhile = release_rwlock};
static const struct world also_read = {"read", SILENT, .prepare = rwlock_is_read,
                                       .clean = release_rwlock};
static const struct world read_by_other = {"read", IF_SLOW, true, .prepare = rwlock_is_read,
                                           .meanwhile = release_rwlock};
static const struct world free_rwlock = {"free", SILENT};
#define READ_LOCKED WORLDS(&written, &also_read, &free_rwlock)
#define WRITE_LOCKED WORLDS(&written, &read_by_other, &free_rwlock)
CASE(pthread_rwlock_rdlock, READ_LOCKED, and_release_rwlock(pthread_rwlock_rdlock(&every_rwlock)))
CASE(pthread_rwlock_wrlock, WRITE_LOCKED, and_release_rwlock(pthread_rwlock_wrlock(&every_rwlock)))
CASE(pthread_rwlock_timedrdlock, READ_LOCKED,
     and_release_rwlock(pthread_rwlock_timedrdlock(&every_rwlock, &t->until)))
CASE(pthread_rwlock_timedwrlock, WRITE_LOCKED,
     and_release_rwlock(pthread_rwlock_timedwrlock(&every_rwlock, &t->until)))

CASE(pthread_rwlock_clockrdlock, READ_LOCKED,
     and_release_rwlock(pthread_rwlock_clockrdlock(&every_rwlock, CLOCK_MONOTONIC,
                                                   &t->until_monotonic)))
CASE(pthread_rwlock_clockwrlock, WRITE_LOCKED,
     and_release_rwlock(pthread_rwlock_clockwrlock(&every_rwlock, CLOCK_MONOTONIC,
                                                   &t->until_monotonic)))

/* --- conditions: `never` is what these can fail by, so block lets them wait
 * ---------------------------- */

static void condition_is_named(struct trial *t)
{
    argue(t, "every_condition");
}

static void condition_never_comes(struct trial *t)
{
    condition_is_named(t);
    clock_gettime(CLOCK_REALTIME, &t->until);
    clock_gettime(CLOCK_MONOTONIC, &t->until_monotonic);
    t->until.tv_nsec += 10000000;
    t->until_monotonic.tv_nsec += 10000000;
    t->until.tv_sec += t->until.tv_nsec / 1000000000;
    t->until.tv_nsec %= 1000000000;
    t->until_monotonic.tv_sec += t->until_monotonic.tv_nsec / 1000000000;
    t->until_monotonic.tv_nsec %= 1000000000;
}

static void give_signals(struct trial *t)
{
    (void)t;
    while (!call_is_over()) {
        pthread_cond_signal(&every_condition);
        pause_ms(1);
    }
}

#define WITH_MUTEX(wait_for_it)                                                                    \
    (pthread_mutex_lock(&every_mutex), t->got = wait_for_it, pthread_mutex_unlock(&every_mutex),   \
     result_of(t))

static long result_of(struct trial *t)
{
    int result = t->got;
    t->got = -1;
    return result;
}

static const struct world awaited = {"signalled", COUNTS, .prepare = condition_is_named,
                                     .meanwhile = give_signals};
static const struct world timed_out = {"times-out", COUNTS, .prepare = condition_never_comes};
CASE(pthread_cond_wait, WORLDS(&awaited),
     WITH_MUTEX(pthread_cond_wait(&every_condition, &every_mutex)))
CASE(pthread_cond_timedwait, WORLDS(&awaited, &timed_out),
     WITH_MUTEX(pthread_cond_timedwait(&every_condition, &every_mutex, &t->until)))
CASE(pthread_cond_clockwait, WORLDS(&awaited, &timed_out),
     WITH_MUTEX(pthread_cond_clockwait(&every_condition, &every_mutex, CLOCK_MONOTONIC,
                                       &t->until_monotonic)))

static void cnd_is_named(struct trial *t)
{
    mtx_init(&every_mtx, mtx_timed);
    cnd_init(&every_cnd);
    argue(t, "every_cnd");
}

static void cnd_never_comes(struct trial *t)
{
    condition_never_comes(t);
    cnd_is_named(t);
}

static void give_cnd_signals(struct trial *t)
{
    (void)t;
    while (!call_is_over()) {
        cnd_signal(&every_cnd);
        pause_ms(1);
    }
}

#define WITH_MTX(wait_for_it)                                                                      \
    (mtx_lock(&every_mtx), t->got = wait_for_it, mtx_unlock(&every_mtx), result_of(t))

static const struct world cnd_awaited = {"signalled", COUNTS, .prepare = cnd_is_named,
                                         .meanwhile = give_cnd_signals};
static const struct world cnd_timed_out = {"times-out", COUNTS, .prepare = cnd_never_comes};
CASE(cnd_wait, WORLDS(&cnd_awaited), WITH_MTX(cnd_wait(&every_cnd, &every_mtx)))
CASE(cnd_timedwait, WORLDS(&cnd_awaited, &cnd_timed_out),
     WITH_MTX(cnd_timedwait(&every_cnd, &every_mtx, &t->until)))

static void two_are_expected(struct trial *t)
{
    pthread_barrier_init(&every_barrier, NULL, 2);
    argue(t, "every_barrier");
}

static void come_too(struct trial *t)
{
    (void)t;
    pthread_barrier_wait(&every_barrier);
}

static const struct world met = {"met", COUNTS, .prepare = two_are_expected, .meanwhile = come_too};
CASE(pthread_barrier_wait, WORLDS(&met),
     (pthread_barrier_wait(&every_barrier), 0)) /* who of the two is told to clean up is open */

/* --- semaphores
 * --------------------------------------------------------------------------------------- */

static void semaphore_is_held(struct trial *t)
{
    sem_init(&every_semaphore, 0, 1);
    if (sem_wait(&every_semaphore) != 0)
        abort();
    argue_held(t, "every_semaphore");
}

static void semaphore_is_free(struct trial *t)
{
    (void)t;
    sem_init(&every_semaphore, 0, 1);
}

static void release_semaphore(struct trial *t)
{
    (void)t;
    sem_post(&every_semaphore);
}

static void semaphore_stays_held(struct trial *t)
{
    semaphore_is_held(t);
    t->until.tv_sec -= 100;
    t->until_monotonic.tv_sec = 0;
    t->error = ETIMEDOUT;
}

static const struct world held_semaphore = {"held", IF_SLOW, true, .prepare = semaphore_is_held,
                                            .meanwhile = release_semaphore};
static const struct world free_semaphore = {"free", SILENT, .prepare = semaphore_is_free};
static const struct world late_semaphore = {"too-late", IF_SLOW, .prepare = semaphore_stays_held};
CASE(sem_wait, WORLDS(&held_semaphore, &free_semaphore), sem_wait(&every_semaphore))
CASE(sem_timedwait, WORLDS(&held_semaphore, &free_semaphore, &late_semaphore),
     sem_timedwait(&every_semaphore, &t->until))
CASE(sem_clockwait, WORLDS(&held_semaphore, &free_semaphore, &late_semaphore),
     sem_clockwait(&every_semaphore, CLOCK_MONOTONIC, &t->until_monotonic))

static void futex_is_awaited(struct trial *t)
{
    argue(t, "every_futex");
}

static void wake_futex(struct trial *t)
{
    (void)t;
    while (!call_is_over()) {
        syscall(SYS_futex, &every_futex, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        pause_ms(1);
    }
}

enum futex_call { FUTEX_AWAITS, FUTEX_WAKES, FUTEX_PARKS_BY_BITSET, FUTEX_PARKS_BY_ONE };

static void wakes_only(struct trial *t)
{
    t->flags = FUTEX_WAKES;
}

static void parks_by_bitset(struct trial *t)
{
    t->flags = FUTEX_PARKS_BY_BITSET;
}

static void parks_by_one(struct trial *t)
{
    t->flags = FUTEX_PARKS_BY_ONE;
    every_futex = 1;
}

static void futex_is_one_no_more(struct trial *t)
{
    wake_futex(t);
    every_futex = 0;
}

static long call_futex(int call)
{
    static const int operations[] = {FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE,
                                     FUTEX_WAIT_BITSET_PRIVATE, FUTEX_WAIT_PRIVATE};
    return syscall(SYS_futex, &every_futex, operations[call], call == FUTEX_PARKS_BY_ONE, NULL,
                   NULL, FUTEX_BITSET_MATCH_ANY);
}

static const struct world awaited_futex = {"awaited", IF_SLOW, true, .prepare = futex_is_awaited,
                                           .meanwhile = wake_futex};
static const struct world woken_futex = {"wake", SILENT, .prepare = wakes_only};
static const struct world bitset_futex = {"bitset", SILENT, .prepare = parks_by_bitset,
                                          .meanwhile = wake_futex};
static const struct world one_futex = {"one", SILENT, .prepare = parks_by_one,
                                       .meanwhile = futex_is_one_no_more};
CASE(SYS_futex, WORLDS(&awaited_futex, &woken_futex, &bitset_futex, &one_futex),
     call_futex(t->flags))

#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif

/* One system call, of Linux 6.7: where it is not known, it says so. */
static void newer_futex_is_awaited(struct trial *t)
{
    futex_is_awaited(t);
    if (syscall(SYS_futex_wait, NULL, 0L, 0L, 0, NULL, 0) < 0 && errno == ENOSYS)
        t->error = ENOSYS;
}

static void futexes_are_awaited(struct trial *t)
{
    if (syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) < 0 && errno == ENOSYS)
        t->error = ENOSYS;
}

static const struct world newer_futex = {"awaited", IF_SLOW, .prepare = newer_futex_is_awaited,
                                         .meanwhile = wake_futex};
static const struct world futexes = {"awaited", IF_SLOW, .prepare = futexes_are_awaited,
                                     .meanwhile = wake_futex};
#define PRIVATE_32 0x82 /* FUTEX2_SIZE_U32 | FUTEX2_PRIVATE, as FUTEX_32 | FUTEX_PRIVATE_FLAG */
static struct futex_waitv every_waiter = {.uaddr = (uintptr_t)&every_futex, .flags = PRIVATE_32};
CASE(SYS_futex_wait, WORLDS(&newer_futex),
     syscall(SYS_futex_wait, &every_futex, 0L, ~0U, PRIVATE_32, NULL, 0))
CASE(SYS_futex_waitv, WORLDS(&futexes),
     syscall(SYS_futex_waitv, &every_waiter, 1, 0, NULL, CLOCK_MONOTONIC))

/* --- threads
 * ------------------------------------------------------------------------------------------- */

static sem_t may_end;
static _Atomic int runs_as; /* its thread id */

static void *wait_to_end(void *unused)
{
    runs_as = (int)syscall(SYS_gettid);
    while (sem_wait(&may_end) != 0)
        continue;
    return unused;
}

enum { OF_THREAD = 7 };

static void thread_runs(struct trial *t)
{
    runs_as = 0;
    sem_init(&may_end, 0, 0);
    if (pthread_create(&t->thread, NULL, wait_to_end, (void *)OF_THREAD) != 0)
        abort();
}

static void let_it_end(struct trial *t)
{
    (void)t;
    sem_post(&may_end);
}

static void thread_has_ended(struct trial *t)
{
    thread_runs(t);
    sem_post(&may_end);
    while (!runs_as || syscall(SYS_tgkill, getpid(), runs_as, 0) == 0)
        pause_ms(1);
}

static long and_joined(struct trial *t, int result)
{
    if (result == 0)
        t->thread = 0;
    return result;
}

static bool is_joined(struct trial *t)
{
    return t->thread == 0;
}

static void join_it(struct trial *t)
{
    if (t->thread)
        pthread_join(t->thread, NULL);
}

static const struct world running = {
    "running",       COUNTS, .prepare = thread_runs, .meanwhile = let_it_end, .happened = is_joined,
    .clean = join_it};
static const struct world ended = {"ended", SILENT, .prepare = thread_has_ended,
                                   .happened = is_joined, .clean = join_it};
#define JOINED WORLDS(&running, &ended)
CASE(pthread_join, JOINED, and_joined(t, pthread_join(t->thread, NULL)))
static int thread_value;

static long with_value(struct trial *t, int result)
{
    if (result == thrd_success && thread_value != OF_THREAD)
        return -1;
    return and_joined(t, result);
}

CASE(thrd_join, JOINED, (thread_value = 0, with_value(t, thrd_join(t->thread, &thread_value))))
CASE(pthread_timedjoin_np, JOINED, and_joined(t, pthread_timedjoin_np(t->thread, NULL, &t->until)))
CASE(pthread_clockjoin_np, JOINED,
     and_joined(t, pthread_clockjoin_np(t->thread, NULL, CLOCK_MONOTONIC, &t->until_monotonic)))

/* --- locks on files: a child holds them, since they are a process's
 * ------------------------------------- */

static struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

static void file_is_locked(struct trial *t)
{
    there_is_an_open_file(t);
    int ready[2];
    char byte;
    if (pipe(ready) != 0)
        abort();
    t->pid = fork();
    if (t->pid == 0) {
        int fd = open(t->path, O_RDWR);
        if (flock(fd, LOCK_EX) == 0 && lockf(fd, F_LOCK, 0) == 0 && write(ready[1], "x", 1) == 1)
            pause_ms(20000);
        _exit(1);
    }
    if (read(ready[0], &byte, 1) != 1)
        abort();
    close(ready[0]);
    close(ready[1]);
}

static void end_child(struct trial *t)
{
    if (t->pid > 0) {
        kill(t->pid, SIGKILL);
        waitpid(t->pid, NULL, 0);
        t->pid = 0;
    }
}

static void only_tried(struct trial *t)
{
    file_is_locked(t);
    t->flags = 1;
    t->error = EAGAIN;
}

static long value_of_command(const struct trial *t, int waits, int tries)
{
    return t->flags ? tries : waits;
}

static const struct world locked_file = {"held", COUNTS, .prepare = file_is_locked,
                                         .meanwhile = end_child, .clean = end_child};
static const struct world free_file = {"free", SILENT, .prepare = there_is_an_open_file};
static const struct world tried_file = {"tried", SILENT, .prepare = only_tried, .clean = end_child};
static const struct world locked_by_number = {
    "held", IF_SLOW, true, .prepare = file_is_locked, .meanwhile = end_child, .clean = end_child};
static const struct world unlocked_by_number = {"unlock", SILENT, .prepare = there_is_an_open_file};
#define FILE_LOCKED WORLDS(&locked_file, &free_file, &tried_file)
CASE(flock, FILE_LOCKED, flock(t->fd, (int)value_of_command(t, LOCK_EX, LOCK_EX | LOCK_NB)))
CASE(lockf, FILE_LOCKED, lockf(t->fd, (int)value_of_command(t, F_LOCK, F_TLOCK), 0))
CASE(lockf64, FILE_LOCKED, lockf64(t->fd, (int)value_of_command(t, F_LOCK, F_TLOCK), 0))
CASE(fcntl, FILE_LOCKED, fcntl(t->fd, (int)value_of_command(t, F_SETLKW, F_SETLK), &whole_file))
CASE(fcntl64, FILE_LOCKED, fcntl64(t->fd, (int)value_of_command(t, F_SETLKW, F_SETLK), &whole_file))
CASE(SYS_flock, WORLDS(&locked_by_number, &unlocked_by_number, &tried_file),
     syscall(SYS_flock, t->fd,
             t->pid && !t->flags ? LOCK_EX
             : t->flags          ? LOCK_EX | LOCK_NB
                                 : LOCK_UN))
CASE(SYS_fcntl, WORLDS(&locked_by_number, &free_file, &tried_file),
     syscall(SYS_fcntl, t->fd, t->flags || !t->pid ? F_SETLK : F_SETLKW, &whole_file))
