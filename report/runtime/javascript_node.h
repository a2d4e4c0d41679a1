/* SPDX-License-Identifier: MIT */
/* Programs under node: V8 has to be told to name the functions that it makes, or their frames are
 * bare addresses. */
#ifndef OFFLOOP_JAVASCRIPT_NODE_H
#define OFFLOOP_JAVASCRIPT_NODE_H

#include <stdbool.h>

#include "../folder.h"

/* As ol_runtime's `is_program`. */
bool ol_javascript_is_node(const char *name);

/* Adds what it takes to NODE_OPTIONS, for the programs that node starts too, and says so. False:
 * the user has set it already. */
bool ol_javascript_node_prepare(struct obstack *pool);

/* Removes the files that V8 made because of that. */
void ol_javascript_node_finish(const struct ol_paths *records);

#endif
