/* SPDX-License-Identifier: MIT */
/* Records that nobody writes into any more, without the room that was there for more. */
#ifndef OFFLOOP_SHRINK_H
#define OFFLOOP_SHRINK_H

struct obstack;

/* Writes the record at `path` anew, as long as what is in it, in the place of the old one. Leaves
 * alone what somebody still counts into, what is damaged or somebody else's, and everything where
 * there is no room for a second one. */
void ol_shrink_record(struct obstack *pool, const char *path);

#endif
