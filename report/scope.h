/* SPDX-License-Identifier: MIT */
/* What a line of a source file is inside of. */
#ifndef OFFLOOP_SCOPE_H
#define OFFLOOP_SCOPE_H

#include "model.h"

/* The qualified name of a frame's Python function ("Shop.serve", "outer.<locals>.inner"), as
 * CPython 3.11 would give it; the frame's own where the file does not tell. */
const char *ol_scope_python(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame);

/* The same of JavaScript: "Orders.get" of a method, "outer.inner" of a function in a function. */
const char *ol_scope_script(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame);

#endif
