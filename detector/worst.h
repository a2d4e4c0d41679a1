/* SPDX-License-Identifier: MIT */
/* The hit of a site that the report shows: the longest one. A site's words are those of its first
 * hit; a later one that took longer replaces its stack, argument and function.
 *
 * For the gate, when a hit is over. A reader finds whole words at any moment: they are written
 * where nobody looks yet, and become the site's by one store. */
#ifndef OFFLOOP_WORST_H
#define OFFLOOP_WORST_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"

/* A first hit took that long: the site's own words are those of it. */
void ol_worst_begin(struct ol_site_ref site, uint64_t ns);

/* Whether a hit of `ns` is so much longer than the one that is shown that its stack is worth
 * another look: twice as long, of 100 us at the least; from 10 ms on a look costs nothing beside
 * it, and anything longer will do, 64 times. */
bool ol_worst_is(struct ol_site_ref site, uint64_t ns);

/* Shows the hit of these facts from now on. Without room for its frames nothing changes. */
void ol_worst_keep(struct ol_site_ref site, const struct ol_site_facts *facts, uint64_t ns);

/* What is shown of a site. */
struct ol_worst_shown {
    ol_string function;
    ol_string argument;
    uint32_t first_frame;
    uint16_t frame_count;
    uint16_t culprit;
};
struct ol_worst_shown ol_worst_shown(const struct ol_site_entry *site);

#endif
