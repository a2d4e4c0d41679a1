/* SPDX-License-Identifier: MIT */
/* Where a culprit stands, in words that are the same on every machine, in every folder, for every
 * user. Ids are made of them, and baselines show them. */
#ifndef OFFLOOP_IDENTITY_H
#define OFFLOOP_IDENTITY_H

#include "model.h"

/* The frame's place. "?" where nothing is known.
 *
 * Python and JavaScript, by file: an installed package's path below site-packages, node_modules or
 * in an archive; the standard library's dotted module name; for the user's own a path relative to
 * the first of these that it is below: --source-root, the Git working tree around the working
 * folder, the one around the program's working folder, the one around the file, the program's
 * working folder (but for "/"), the folder of its script. A leading "src/" of a package is left
 * out, as it is where the package is installed. What is below none of them is as much of its path
 * as the dotted name has that it was loaded by, its base name for a script, and all of it without a
 * name. The random parts of temporary names are "*".
 *
 * Native code: the base name of its module; for a function that is local to a source file also that
 * file, by the same rules.
 *
 * Lives as long as the model. */
const char *ol_identity_place(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame);

#endif
