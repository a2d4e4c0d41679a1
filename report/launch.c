/* SPDX-License-Identifier: MIT */
/* Starting a program and waiting for its end. Signals are taken by sigwaitinfo, so
 * there is no handler and nothing that could be interrupted. */
#include "launch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exit.h"
#include "orphans.h"
#include "pool.h"
#include "say.h"

#define NAMED_MAX 4
#define PATIENCE 300000000LL /* ns; what ends within is not worth a line */

static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

static void fill(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGCHLD);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(signals, passed_on[i]);
}

/* The child gets the signal mask that we were started with. */
static int spawn(pid_t *pid, const char *path, char *const *argv, const sigset_t *mask)
{
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int error = posix_spawn(pid, path, NULL, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* Takes in all that has ended: orphans of the program are ours. True and its status when `pid` is
 * among them. */
static bool reap(pid_t pid, int *status)
{
    pid_t ended;
    bool found = false;
    for (int each; (ended = waitpid(-1, &each, WNOHANG)) > 0;)
        if (ended == pid) {
            *status = each;
            found = true;
        }
    return found;
}

static bool is_interrupt(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGHUP;
}

/* Waits until the child has ended; returns its wait status. */
static int await(struct ol_launch *launch, pid_t pid)
{
    siginfo_t signal;
    int status;
    while (true) {
        int number = sigwaitinfo(&launch->signals, &signal);
        launch->interrupted |= is_interrupt(number);
        /* si_code > 0: from the kernel, so from the terminal, which told the child as well */
        if (number > 0 && number != SIGCHLD && signal.si_code <= 0)
            kill(pid, number);
        if (number == SIGCHLD && reap(pid, &status))
            return status;
    }
}

int ol_launch_run(struct ol_launch *launch, struct obstack *pool, const char *path,
                  char *const *argv)
{
    sigset_t before, quit;
    pid_t pid;
    *launch = (struct ol_launch){0};
    fill(&launch->signals);
    launch->stranger_count = ol_orphans_list(pool, &launch->strangers);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGCHLD, SIG_DFL); /* where it was ignored, there would be nothing to wait for */
    sigprocmask(SIG_BLOCK, &launch->signals, &before);
    int error = spawn(&pid, path, argv, &before);
    launch->started = error == 0;
    int status = error ? 0 : await(launch, pid);
    signal(SIGPIPE, SIG_IGN); /* nobody may be there to read, and the status is the program's */
    sigemptyset(&quit);
    sigaddset(&quit, SIGQUIT);
    sigprocmask(SIG_UNBLOCK, &quit, NULL);
    sigdelset(&launch->signals, SIGQUIT);
    if (error) {
        ol_say_line("%s can't be run: %s", path, strerror(error));
        return OL_EXIT_UNWATCHABLE; /* the file was there a moment ago: its loader or interpreter is
                                       not */
    }
    return WIFSIGNALED(status) ? OL_EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool is_stranger(const struct ol_launch *launch, pid_t pid)
{
    for (size_t i = 0; i < launch->stranger_count; i++)
        if (launch->strangers[i] == pid)
            return true;
    return false;
}

/* Brings `left` up to date. */
static bool some_are_left(struct ol_launch *launch, struct obstack *pool)
{
    int status;
    size_t count = 0;
    reap(0, &status);
    size_t all = ol_orphans_list(pool, &launch->left);
    for (size_t i = 0; i < all; i++)
        if (!is_stranger(launch, launch->left[i]))
            launch->left[count++] = launch->left[i];
    launch->left_count = count;
    return count > 0;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* False: a signal says that nobody wants to wait. */
static bool pause_until(const sigset_t *signals, int64_t moment)
{
    int64_t rest = moment - now();
    struct timespec pause = {.tv_sec = rest / 1000000000LL, .tv_nsec = rest % 1000000000LL};
    if (rest <= 0)
        return true;
    return !is_interrupt(sigtimedwait(signals, NULL, &pause));
}

void ol_launch_wait(struct ol_launch *launch, struct obstack *pool, unsigned seconds,
                    void (*waits)(const struct ol_launch *launch, struct obstack *pool,
                                  unsigned seconds))
{
    bool told = false, goes_on = true;
    seconds = launch->interrupted && seconds > 1 ? 1 : seconds;
    int64_t began = now(), end = began + seconds * 1000000000LL;
    while (some_are_left(launch, pool) && now() < end && goes_on) {
        if (!told && now() - began >= PATIENCE) {
            waits(launch, pool, seconds);
            told = true;
        }
        int64_t next = told || began + PATIENCE > end ? end : began + PATIENCE;
        goes_on = pause_until(&launch->signals, next);
    }
}

const char *ol_launch_names(const struct ol_launch *launch, struct obstack *pool)
{
    const char *names = "";
    for (size_t i = 0; i < launch->left_count && i < NAMED_MAX; i++)
        names = ol_pool_format(pool, "%s%s%s (pid %d)", names, i ? ", " : "",
                               ol_orphans_name(pool, launch->left[i]), (int)launch->left[i]);
    return launch->left_count > NAMED_MAX
               ? ol_pool_format(pool, "%s and %zu more", names, launch->left_count - NAMED_MAX)
               : names;
}
