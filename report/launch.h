/* Starting a program and waiting for its end. */
#ifndef OFFLOOP_LAUNCH_H
#define OFFLOOP_LAUNCH_H

/* Runs `path` with those arguments and this process's environment, and waits. It shares our
 * terminal and process group: what the terminal sends to both is left to the program; what somebody
 * sends to us alone is passed on. Returns the program's exit code, 128 + N when signal N ended it,
 * OL_EXIT_UNWATCHABLE (said) when it could not be executed. */
int ol_launch_run(const char *path, char *const *argv);

#endif
