/* SPDX-License-Identifier: MIT */
/* Rules about Python callables, as rules files write them:
 *
 *     KIND python:MODULE:QUALNAME [name=RULE] [api=NAME] [loop=WHERE] [when=CONDITION] ["hint"]
 *
 * name  the rule's name (default: MODULE.QUALNAME); that of a rule which is there already makes
 *       this callable one more way to break it
 * api   the callable as its users know it (default: the rule's name)
 * loop  where the callable's own loop is found: arg0, arg0.ATTR.ATTR, PARAMETER, PARAMETER.ATTR,
 *       `within` (the object in arg0 holds it somewhere), main; default: some loop
 * when  a condition that the bridge knows (python/bridge.py): pending, empty, alive, …
 *
 * Read with the rules files, at start; constant after that. The CPython bridge acts on them.
 */
#ifndef OFFLOOP_CALLABLE_H
#define OFFLOOP_CALLABLE_H

#include <stdbool.h>

#include "tables.h"

struct ol_callable {
    const char *module;
    const char *qualname;
    const char *name;
    const char *api;
    const char *loop; /* NULL: some loop */
    const char *when; /* NULL: always */
    const char *hint; /* "" when the rule gave none */
    enum ol_kind kind;
    unsigned rule; /* its number; several callables may share one */
};

#define OL_CALLABLE_MAX 320

/* How many there are, and the one of that index. */
unsigned ol_callable_count(void);
const struct ol_callable *ol_callable_at(unsigned index);

/* Whether a rules file's word names a Python callable: "python:…". */
bool ol_callable_is_named_by(const char *word);

/* Adds the rule that these words spell: words[0] is "python:MODULE:QUALNAME". They are kept and cut
 * in place. NULL, or why it is none. */
const char *ol_callable_add(enum ol_kind kind, char *const *words, unsigned count);

/* Forgets all. */
void ol_callable_clear(void);

#endif
