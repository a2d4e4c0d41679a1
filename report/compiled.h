/* SPDX-License-Identifier: MIT */
/* Whose code a function is that was built into a program or library of the user's: the standard
 * library's templates and crates stand in the same file as what calls them. */
#ifndef OFFLOOP_COMPILED_H
#define OFFLOOP_COMPILED_H

#include "model.h"

/* Refines the class of a native frame of the user's modules: by the path of its source file where
 * that is known, else by its name ("std::…", "core::…"). `root`: what is below it is the project's;
 * folders above it tell nothing. */
void ol_compiled_classify(struct ol_frame *frame, const char *root);

/* Takes the nearest frame of the user's for the culprit, where the record, which knows modules
 * only, has taken the standard library's or a vendored one's. Without one the library's. */
void ol_compiled_judge(struct ol_violation *violation);

#endif
