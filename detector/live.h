/* SPDX-License-Identifier: MIT */
/* Live lines: what is told while the program runs. One line per site, never per hit; at most
 * OFFLOOP_LOG_MAX of them, each written in one piece (log.h).
 */
#ifndef OFFLOOP_LIVE_H
#define OFFLOOP_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"

/* One line "offloop: …" for this site: what, where, how long, or `instead` of a time ("blocked").
 */
void ol_live_tell(struct ol_site_ref site, uint64_t ns, const char *instead);

/* The same for a hit that took `ns`, with its stack where the policy wants that. */
void ol_live_hit(struct ol_site_ref site, uint64_t ns);

/* A later hit took `ns`: told too when it is the first that really blocks (OFFLOOP_SLOW_MS), and
 * when it is ten times what was reported last. */
void ol_live_again(struct ol_site_ref site, uint64_t ns);

/* The stack of this site, a line a frame. */
void ol_live_stack(struct ol_site_ref site);

#endif
