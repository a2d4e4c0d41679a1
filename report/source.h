/* SPDX-License-Identifier: MIT */
/* Lines of source files, as far as they are on this machine. Each file is read once and kept, up to
 * a bound, since the sites of a record share their files.
 *
 * A record may name anything, and reports are passed on: only regular files are read, and only such
 * as say by their suffix, or by "#!", that they are source code. */
#ifndef OFFLOOP_SOURCE_H
#define OFFLOOP_SOURCE_H

#include "model.h"

#define OL_SOURCE_LONGEST 1024 /* of a line; what is longer was not written by hand, and is cut */

/* `root`: where files are looked for first, as below another '/'; NULL for none. It must live as
 * long as the model. Without this call the model has no source lines. */
void ol_source_open(struct ol_model *model, const char *root);

/* Line `line` (1-based) of `file` (relative to `folder`, which may be NULL) as it is, without its
 * end and cut where no hand would have written on. Its length goes to `length`; the bytes do not
 * end with NUL and are valid until the next call. NULL when it can't be read. Both names must be of
 * the model's: they are known again by their addresses. */
const char *ol_source_raw(struct ol_sources *sources, const char *folder, const char *file,
                          uint32_t line, size_t *length);

/* A line as it may be shown: without what literals of it keep secret (detector/secret.h). */
const char *ol_source_mask(struct obstack *pool, const char *line, size_t length);

/* The line of a frame as it may be shown, without the blanks around it, or NULL when there is none.
 * In the model's pool. */
const char *ol_source_line(struct ol_model *model, const struct ol_run *run,
                           const struct ol_frame *frame);

#endif
