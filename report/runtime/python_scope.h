/* SPDX-License-Identifier: MIT */
/* What a line of a source file in Python is inside of. */
#ifndef OFFLOOP_PYTHON_SCOPE_H
#define OFFLOOP_PYTHON_SCOPE_H

#include "../model.h"

/* The qualified name of a frame's function ("Shop.serve", "outer.<locals>.inner"), as CPython 3.11
 * would give it; the frame's own where the file does not tell. In the model's pool or in the frame.
 */
const char *ol_python_scope_name(struct ol_model *model, const struct ol_run *run,
                                 const struct ol_frame *frame);

#endif
