/* SPDX-License-Identifier: MIT */
/* What a hit adds to its site: the count, the time, what the thread had to wait. Called by the gate
 * alone, in a thread that is inside of it. */
#ifndef OFFLOOP_TALLY_H
#define OFFLOOP_TALLY_H

#include "hit.h"

/* One more hit of hit->site; or none, when the call is part of one that was counted. */
void ol_tally_count(struct ol_call *hit);

/* The call begins. What the hit has taken in earlier calls is taken as part of it. */
void ol_tally_start(struct ol_call *hit);

/* Long enough for a slow-only rule, and by its own doing? `now` as all times: ol_raw_now. */
bool ol_tally_was_slow(const struct ol_call *hit, int64_t now);

/* The call is over: its time goes to the site of a hit that was counted. */
void ol_tally_add(struct ol_call *hit, int64_t now);

#endif
