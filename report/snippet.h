/* SPDX-License-Identifier: MIT */
/* Lines for rules files, made of a violation for users to copy. */
#ifndef OFFLOOP_SNIPPET_H
#define OFFLOOP_SNIPPET_H

#include "model.h"

/* `allow  open  python=app:handle  "why"`: suppresses the rule where the culprit is to blame.
 * NULL when the culprit is not known, or is code that an allow rule can't name. In the pool. */
const char *ol_snippet_allow_place(struct obstack *pool, const struct ol_violation *violation);

/* `allow  open  path=/etc/hosts  "why"`: suppresses it for the argument. NULL when there is none
 * or it names no place. In the pool. */
const char *ol_snippet_allow_path(struct obstack *pool, const struct ol_violation *violation);

#endif
