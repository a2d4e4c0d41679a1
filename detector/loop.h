/* SPDX-License-Identifier: MIT */
/* Is this thread on its loop? Its turns and waits.
 *
 * A thread becomes a loop when it enters a loop's wait; the turn lasts from the return of a wait to
 * the entry of the next. ol_self.armed is true in a turn, outside of our own code and of wrapped
 * calls.
 */
#ifndef OFFLOOP_LOOP_H
#define OFFLOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "loop_wait.h"

/* Entering a wait. Makes the thread a loop when this wait says so, ends its turn when it is one.
 * Keeps errno. */
enum ol_wait_verdict ol_loop_wait(const struct ol_wait *wait);

/* The run function has returned, and the loop may be run again: what passes until then is no
 * turn. */
void ol_loop_forget_turn(void);

/* What the thread waited for is no loop's wait, and over: a turn by the anchor's every_call goes on
 * from here. */
void ol_loop_turn_again(void);

/* The loop's wait has returned: the turn starts. Keeps errno. */
void ol_loop_resume(void);

/* The thread is not a loop any more (its epoll descriptor was closed, the thread ends, the process
 * forks or exits). */
void ol_loop_end(void);

/* In a wrapped call? `stack` is an address in the asking frame: a call that was left by an
 * exception or longjmp() has left the stack too, and then it is over. */
bool ol_loop_is_inside(uintptr_t stack);

/* close(fd): ends the loop when it waited on that descriptor. */
void ol_loop_closing(int fd);

/* The same for a ring that liburing closes. */
void ol_loop_ring_closing(const void *ring);

/* offloop_loop_enter/leave of the C API, and threads found by their name. */
void ol_loop_mark(const char *name);

/* The calling thread ends, and what is kept for it. */
void ol_loop_thread_ends(void);

/* The calling thread got a name: OFFLOOP_LOOP=thread=GLOB may know it, or a rule. Another one got
 * one from the calling thread: it looks at its next wait. */
void ol_loop_name_given(void);
void ol_loop_named(const char *name);

#endif
