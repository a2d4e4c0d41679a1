/* SPDX-License-Identifier: MIT */
/* What a line of a source file in JavaScript is inside of. */
#ifndef OFFLOOP_JAVASCRIPT_SCOPE_H
#define OFFLOOP_JAVASCRIPT_SCOPE_H

#include "../model.h"

/* "Orders.get" of a method, "outer.inner" of a function in a function; the frame's own name where
 * the file does not tell. In the model's pool or in the frame. */
const char *ol_javascript_scope_name(struct ol_model *model, const struct ol_run *run,
                                     const struct ol_frame *frame);

#endif
