/* SPDX-License-Identifier: MIT */
/* Starting a program, waiting for its end, and for what it leaves running. */
#ifndef OFFLOOP_LAUNCH_H
#define OFFLOOP_LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct obstack;

struct ol_launch {
    sigset_t signals; /* those that are waited for, blocked from here on */
    pid_t *strangers; /* children that we had before the program, as `exec offloop run` may */
    size_t stranger_count;
    pid_t *left; /* by ol_launch_wait: what still runs */
    size_t left_count;
    bool started;
    bool interrupted; /* INT, TERM or HUP came: nobody wants to wait for long */
};

/* Runs `path` with those arguments and this process's environment, and waits. It shares our
 * terminal and process group: what the terminal sends to both is left to the program; what somebody
 * sends to us alone is passed on. Returns the program's exit code, 128 + N when signal N ended it,
 * OL_EXIT_UNWATCHABLE (said) when it could not be executed.
 *
 * Processes that it leaves behind become children of ours (PR_SET_CHILD_SUBREAPER). INT, TERM and
 * HUP stay blocked afterwards: what is left to say is said. */
int ol_launch_run(struct ol_launch *launch, struct obstack *pool, const char *path,
                  char *const *argv);

/* Waits until what the program left behind has ended, for `seconds` at most, for one after an
 * interrupt; a signal (Ctrl-C) ends the wait. `waits` is called once, when there is something to
 * wait for and it does not end at once. */
void ol_launch_wait(struct ol_launch *launch, struct obstack *pool, unsigned seconds,
                    void (*waits)(const struct ol_launch *launch, struct obstack *pool,
                                  unsigned seconds));

/* "nginx (pid 4711), nginx (pid 4712)": the processes that are left; the first few. In the pool. */
const char *ol_launch_names(const struct ol_launch *launch, struct obstack *pool);

#endif
