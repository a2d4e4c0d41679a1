/* SPDX-License-Identifier: MIT */
/* Where code stands, as a repository's readers name it: paths relative to the root of the sources.
 *
 * Records say where the sources were when the program ran: in another folder, another container. A
 * file of the user's that is not below the root is looked for there by the end of its path. */
#ifndef OFFLOOP_PLACE_H
#define OFFLOOP_PLACE_H

#include "model.h"

struct ol_places;

/* `root`: the folder that paths become relative to; NULL: the top of the Git working tree that the
 * working folder is in, or without one the working folder itself. Once a model; without it the root
 * is found when it is asked for. */
void ol_place_open(struct ol_model *model, const char *root);

/* Absolute path of the root, without a '/' at its end. */
const char *ol_place_root(struct ol_model *model);

/* Whether it was named, not found. */
bool ol_place_root_is_given(struct ol_model *model);

/* The frame's file: relative to the root where it is below it, else absolute, or as recorded where
 * it is no path ("<string>"). NULL: not known. As raw as the record; lives as long as the model. */
const char *ol_place_file(struct ol_model *model, const struct ol_run *run,
                          const struct ol_frame *frame);

/* "app.py:42", the file relative to the folder that the program was started in; the module where no
 * file is known. As raw as the record; in the pool or in the frame. */
const char *ol_place_near(struct obstack *pool, const struct ol_run *run,
                          const struct ol_frame *frame);

/* Whether a result of ol_place_file is below the root. */
bool ol_place_is_inside(const char *file);

#endif
