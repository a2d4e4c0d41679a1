/* SPDX-License-Identifier: MIT */
/* Loops that a program steps by itself: `while (!done) uv_run(loop, UV_RUN_ONCE);` with work of its
 * own after each step. For the gate and the loop, on the thread that steps.
 *
 * What runs between two steps is in a turn. Once a step has returned, nothing tells whether another
 * one will follow: the loop may be over, or a helper has looked once. So hits are held until the
 * loop is stepped again from the same place: the same call in the program, reached through the same
 * callers. Then they count, and all that came after the earlier step from there; when the loop is
 * run in another way, or ends, they never were. A place that has been stepped before is taken for
 * one that will be again: its hits count at once, so that a kill does not lose them, and are taken
 * back when none follows. Their lines wait in any case.
 */
#ifndef OFFLOOP_STEP_H
#define OFFLOOP_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"

/* A call was made after the last run had returned. True: that was a step, and its hit is held. */
bool ol_step_holds(void);

/* Adds to what is held of that site. True: count it at once too. Where too many are held, so are
 * those of a place that was stepped before, and are not taken back; others are not judged. */
bool ol_step_hold(struct ol_site_ref site, const struct ol_site_sum *more);

/* A held hit is its site's first, and is to be reported when it counts. */
void ol_step_tell_later(struct ol_site_ref site);

/* The loop waits: in a step from that place, or (0) in a run that is none. `run` tells runs apart;
 * 0: not known. False: what ran since the last wait was no turn. */
bool ol_step_begins(uint64_t place, unsigned run);

/* No step follows. */
void ol_step_is_over(void);

/* A site without hits may be a held one that never counted: its next hit is a first one. */
bool ol_step_took_back(void);

#endif
