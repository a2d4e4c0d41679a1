/* SPDX-License-Identifier: MIT */
/* The library's life in its host: start, fork and exit. What was found at start is in process.h. */
#ifndef OFFLOOP_GUEST_H
#define OFFLOOP_GUEST_H

#include <stdbool.h>

/* Reads the environment, resolves what is needed, arms the library. From the constructor; again is
 * harmless. */
void ol_guest_start(int argc, char **argv, char **environment);

/* Makes the record, or joins the family's: at the first loop, and before rights are given up that
 * it takes to make it. By system calls alone. False while another thread makes it, and when there
 * is no memory. */
bool ol_guest_record(void);

/* Before a fork: the record that will be made is shared with the child. By system calls alone:
 * fork() may be called in a signal handler. */
void ol_guest_share(void);

/* The record, and what a loop needs beside it (libunwind). At the first loop. */
bool ol_guest_prepare(void);

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
