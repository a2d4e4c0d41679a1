/* SPDX-License-Identifier: MIT */
/* Where a hit was made: its site, found by its stack. For the gate alone, in a thread that is
 * inside of it. */
#ifndef OFFLOOP_HIT_H
#define OFFLOOP_HIT_H

#include "gate.h"

/* Finds the site. False: this is no violation after all (the loop has returned, the policy ignores
 * what it is), or an allow rule covers it; one that was asked already is not asked again. Keeps
 * errno. */
bool ol_hit_find_site(struct ol_hit *hit);

/* What ol_site_recall knows a stack by. */
uint64_t ol_hit_key(uint64_t stack_hash, unsigned rule);

/* The allow rule of that index covers the hit. It counts all the same when it takes longer than the
 * rule may suppress. */
void ol_hit_suppress(struct ol_hit *hit, unsigned index);

/* The hit took `ns`: the report shows the stack and argument of a site's longest one. Keeps errno.
 */
void ol_hit_show(struct ol_hit *hit, uint64_t ns);

#endif
