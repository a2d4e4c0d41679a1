/* Starting a program and waiting for its end. Called by run.c. Signals are taken by sigwaitinfo, so
 * there is no handler and nothing that could be interrupted. */
#include "launch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit.h"
#include "say.h"

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

/* Waits until the child has ended; returns its wait status. */
static int await(pid_t pid, const sigset_t *signals)
{
    siginfo_t signal;
    int status;
    while (true) {
        int number = sigwaitinfo(signals, &signal);
        /* si_code > 0: from the kernel, so from the terminal, which told the child as well */
        if (number > 0 && number != SIGCHLD && signal.si_code <= 0)
            kill(pid, number);
        if (number == SIGCHLD && waitpid(pid, &status, WNOHANG) == pid)
            return status;
    }
}

int ol_launch_run(const char *path, char *const *argv)
{
    sigset_t signals, before;
    pid_t pid;
    fill(&signals);
    signal(SIGCHLD, SIG_DFL); /* where it was ignored, there would be nothing to wait for */
    sigprocmask(SIG_BLOCK, &signals, &before);
    int error = spawn(&pid, path, argv, &before);
    int status = error ? 0 : await(pid, &signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (error) {
        ol_say_line("%s can't be run: %s", path, strerror(error));
        return OL_EXIT_UNWATCHABLE; /* the file was there a moment ago: its loader or interpreter is
                                       not */
    }
    return WIFSIGNALED(status) ? OL_EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
