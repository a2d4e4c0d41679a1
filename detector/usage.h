/* SPDX-License-Identifier: MIT */
/* What a call took of its thread beside time: whether it waited, for a disk or for anything else,
 * and the processor time that it used.
 *
 * The kernel tells by a system call of 0.15 us, as long as many a call that is judged. So what can
 * be known without asking is not asked: a call that is over within a microsecond gave its processor
 * to nobody; and one that counts only when it was slow, and most never are, takes over what was
 * known a moment ago. Keeps errno; for the thread itself, in signal handlers too.
 */
#ifndef OFFLOOP_USAGE_H
#define OFFLOOP_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

/* Two switches of context and what another thread does meanwhile: 1.5 us at the least (measured: an
 * eventfd between two threads of one processor; 4.6 us between two processors). */
#define OL_USAGE_NO_WAIT 1000 /* ns */

/* What was known holds on over pauses shorter than this. A wait in such a pause could be taken for
 * the next call's, but only where that took OFFLOOP_SLOW_MS in any case. */
#define OL_USAGE_PAUSE 10000     /* ns */
#define OL_USAGE_LONGEST 1000000 /* ns that it may be old, for it holds processor time too */

/* A call begins at `now`: ol_self.known is what its thread has used by then, exactly; as good as is
 * needed when it counts only if slow. True: the kernel had to be asked, which took its time. */
bool ol_usage_begin(int64_t now, bool slow_only);

/* A call that ran from `started` to `now` is over, and counts: what it took since `before`. */
struct ol_usage ol_usage_of(const struct ol_usage_known *before, int64_t started, int64_t now);

/* It would count if it had been slow, and was not. */
void ol_usage_pass(int64_t started, int64_t now);

/* It took long: because it waited, or worked for `least` ns? A thread that only had to hand its
 * processor to others took no longer for that. */
bool ol_usage_was_busy(const struct ol_usage_known *before, int64_t started, int64_t least);

/* The thread waited in its loop: nothing that was known holds. */
void ol_usage_forget(void);

#endif
