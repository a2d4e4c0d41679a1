/* SPDX-License-Identifier: MIT */
/* What a process without loops does not need: the record, and libunwind. Made once, by one thread;
 * the others wait for it. */
#ifndef OFFLOOP_PREPARE_H
#define OFFLOOP_PREPARE_H

#include <stdbool.h>

/* Makes the record, or joins the family's: at the first loop, and before rights are given up that
 * it takes to make it. By system calls alone. False while another thread makes it, and when there
 * is no memory. */
bool ol_prepare_record(void);

/* Before a fork: the record that will be made is shared with the child. By system calls alone:
 * fork() may be called in a signal handler. */
void ol_prepare_share(void);

/* The record, and what a loop needs beside it (libunwind, who hears that exit() begins). At the
 * first loop. Keeps errno. */
bool ol_prepare_loops(void);

/* What children have recorded of this image, where this process has no record: at its end. False:
 * there is nothing. */
bool ol_prepare_join(void);

/* In a forked child: what another thread was making is to be made again. */
void ol_prepare_forked(void);

#endif
