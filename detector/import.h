/* Imports of Python: the stats, opens and reads of one import are one hit, told when it is over.
 *
 * For the gate and the loop, on the thread that imports. One import is what has the same site in
 * the same turn: a module is imported once, and one that fails each time counts once a turn. */
#ifndef OFFLOOP_IMPORT_H
#define OFFLOOP_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"

/* What the thread imports, or imported last; a member of struct ol_thread. */
struct ol_import {
    uint32_t site;
    bool untold;  /* its line is still to be written */
    int64_t turn; /* when the turn started; 0: none was imported yet */
    uint64_t ns;  /* lost so far */
};

/* Whether a hit of this site is part of an import. */
static inline bool ol_import_is(struct ol_site_ref site)
{
    return site.rule == OL_RULE_import && site.index != OL_SITE_LOST;
}

/* Whether the import machinery's own calls would be reported by that rule; they become `import`. */
bool ol_import_may_be(unsigned rule);

/* A call of an import at this site. True: the first of it, which is to be counted. */
bool ol_import_begins(struct ol_site_ref site);

/* Adds the call's time; the import's so far, ns. */
uint64_t ol_import_add(uint64_t ns);

/* The import's line is to be written, when it is over. */
void ol_import_tell_later(void);

/* Writes the line that is due, if any: something else happens on the thread. */
void ol_import_is_over(void);

#endif
