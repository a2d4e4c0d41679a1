/* SPDX-License-Identifier: MIT */
/* Programs under node: V8 has to be told to name the functions that it makes, or their frames are
 * bare addresses. */
#ifndef OFFLOOP_NODE_H
#define OFFLOOP_NODE_H

#include <stdbool.h>

#include "folder.h"

/* Before a program is started: where `image` (the file that is executed in the end) is node, adds
 * what it takes to NODE_OPTIONS, for the programs that it starts too, and says so. True: it was
 * added; false: not node, or the user has set it already. */
bool ol_node_prepare(struct obstack *pool, const char *image);

/* After the program has ended: keeps what the records need of V8's maps. `ours`: they were made
 * because of ol_node_prepare, so V8's files are removed then. */
void ol_node_finish(const struct ol_paths *records, bool ours);

#endif
