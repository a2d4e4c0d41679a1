/* SPDX-License-Identifier: MIT */
/* Imports of Python: the stats, opens and reads of one import are one hit, told when it is over.
 * Its time is that of the whole import, with what the modules do when they are loaded, but for what
 * is a hit of its own.
 *
 * For the gate, the loop and the bridge, on the thread that imports. One import is what has the
 * same root on the stack, or the same site in the same turn: a module is imported once, and one
 * that fails each time counts once a turn.
 *
 * When an import ends nothing may be called that is watched. What is known for certain is the last
 * call in it; and where the bridge stands at the import machinery's door (python/bridge_import.c),
 * when it began and ended. */
#ifndef OFFLOOP_IMPORT_H
#define OFFLOOP_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"
#include "thread.h"

/* Whether a hit of this site is part of an import. */
static inline bool ol_import_is(struct ol_site_ref site)
{
    return site.rule == OL_RULE_import && site.index != OL_SITE_LOST;
}

/* Whether the import machinery's own calls would be reported by that rule; they become `import`. */
bool ol_import_may_be(unsigned rule);

/* A stack was captured: is the import under way still on it? Hot: compares addresses. */
void ol_import_look(const struct ol_stack *stack);

/* Whether its innermost frame is the machinery's of that import, whose site then is known. */
bool ol_import_continues(const struct ol_stack *stack, struct ol_site_ref *site);

/* The frame at that index of the stack is an import's root. True: that of the one under way, whose
 * site is known. */
bool ol_import_found(const struct ol_stack *stack, unsigned root, struct ol_site_ref *site);

/* A call of an import at this site, whose root was found. True: the first of it, which is to be
 * counted. */
bool ol_import_begins(struct ol_site_ref site, bool held);

/* A call that began at `started` is over at `now`: the time that is to be added for the import
 * since the last one, ns. ol_self.import.ns has it. */
uint64_t ol_import_add(int64_t started, int64_t now);

/* A hit of its own took that long: not the import's if it was made in one. */
void ol_import_leave_out(uint64_t ns);

/* The import's line is to be written, when it is over. */
void ol_import_tell_later(void);

/* Writes the line that is due, if any: something else happens on the thread. */
void ol_import_is_over(void);

/* The door of the import machinery: true when the thread goes in there, in a turn, and is not
 * inside already; ol_import_leave follows. */
bool ol_import_enter(void);
void ol_import_leave(void);

#endif
