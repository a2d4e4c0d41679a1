/* SPDX-License-Identifier: MIT */
/* Owner rules of rules files: `owner PATTERN NAME`. PATTERN is a glob for the path of a file, with
 * at most one `{}` that stands for one part between two slashes; `{}` in NAME is that part. The
 * first rule that fits names the owner. Read at start; constant after that. */
#ifndef OFFLOOP_OWNER_RULE_H
#define OFFLOOP_OWNER_RULE_H

#include <stdbool.h>

#include "text.h"

/* Keeps both strings. NULL, or why it is no rule. */
const char *ol_owner_rule_add(const char *pattern, const char *name);

/* Adds the name of the owner of that file; false when no rule fits. */
bool ol_owner_rule_find(const char *path, struct ol_text *name);

/* Whether the owner of that file is told from others by a `{}`: such a frame is rather to blame
 * than what it calls. */
bool ol_owner_rule_is_particular(const char *path);

void ol_owner_rule_clear(void);

#endif
