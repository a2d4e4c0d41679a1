/* SPDX-License-Identifier: MIT */
/* What must not be under way while the process forks: a child has none of the other threads, so a
 * lock that one of them holds in libunwind, or in the loader's dl_iterate_phdr(), is held there for
 * ever, and the child's first dlopen() hangs.
 *
 * No lock itself: who forks waits for what was begun, a second at most (it may be waiting for the
 * thread that forks); what is begun meanwhile is put off, or waits a tenth of that. Where that was
 * not enough, ol_forking_left_behind() says so in the child. What the thread that forks has begun
 * itself, and a signal handler has interrupted, is never waited for.
 */
#ifndef OFFLOOP_FORKING_H
#define OFFLOOP_FORKING_H

#include <stdbool.h>

/* Something begins that may take such a lock, and is over by ol_forking_leave(). The first is for
 * what can be put off: false while a thread forks, and then it has not begun. */
bool ol_forking_try(void);
void ol_forking_enter(void);
void ol_forking_leave(void);

/* From pthread_atfork: before it, after it in the parent, and in the child. True: another thread
 * was in the middle of something all the same. */
void ol_forking_begins(void);
void ol_forking_is_over(void);
bool ol_forking_left_behind(void);

/* In the child, before that: it was forked through these handlers (not by _Fork(), a bare clone).
 */
bool ol_forking_was_seen(void);

#endif
