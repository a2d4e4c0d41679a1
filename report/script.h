/* SPDX-License-Identifier: MIT */
/* Programs in JavaScript: whose code a call comes from, which the library can't know, since it sees
 * addresses only. */
#ifndef OFFLOOP_SCRIPT_H
#define OFFLOOP_SCRIPT_H

#include "model.h"

/* Where JavaScript is on the stack: the culprit becomes its nearest frame in a file of the user's,
 * without one the nearest below node_modules, and the api the function of node's that it called
 * ("fs.readFileSync"). */
void ol_script_judge(struct obstack *pool, struct ol_violation *violation);

#endif
