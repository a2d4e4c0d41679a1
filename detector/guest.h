/* SPDX-License-Identifier: MIT */
/* The library's life in its host: start, fork and exit. What was found at start is in process.h. */
#ifndef OFFLOOP_GUEST_H
#define OFFLOOP_GUEST_H

#include <stdbool.h>

/* Reads the environment, resolves what is needed, arms the library. From the constructor; again is
 * harmless. */
void ol_guest_start(int argc, char **argv, char **environment);

/* In a forked child, from pthread_atfork; and from the first call that is judged in one which no
 * fork handler saw (_Fork(), a bare clone). */
void ol_guest_forked(void);

/* What the wrappers have to do in a forked child. Set once, at start. */
extern void (*ol_guest_after_fork)(void);

/* exit() has begun, with that status: last words, and the status the process is to have (66 or the
 * same). */
void ol_guest_shutdown(void);
int ol_guest_ended(int status);

#endif
