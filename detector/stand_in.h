/* SPDX-License-Identifier: MIT */
/* Threads that wait in another one's place: that one looks what is ready, without a wait, and works
 * on it between other things. So do trio's guest mode, and programs that embed libuv (electron):
 * they are no loops, and what they do between two such waits is nobody's turn.
 *
 * A fixed table of who looks where, atomics only; what finds no room is not known.
 */
#ifndef OFFLOOP_STAND_IN_H
#define OFFLOOP_STAND_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

struct ol_wait;

/* A loop thread waits on that descriptor, or only looks what is ready there (a wait that is
 * immediate). Hot. */
void ol_stand_in_note(struct ol_host *host, const struct ol_wait *wait);

/* That descriptor is closed; the calling thread ends; in a forked child. */
void ol_stand_in_closing(struct ol_host *host, int fd);
void ol_stand_in_thread_ends(void);
void ol_stand_in_forked(void);

/* Is that, of a thread which is no loop, a wait in another one's place? The stack shows no loop
 * that is run here, and the other one has looked since the last such wait: a thread that takes a
 * loop over, and works on it by itself, is judged from its second wait on. Keeps errno. */
bool ol_stand_in_waits(const struct ol_wait *wait);

#endif
