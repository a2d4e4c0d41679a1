/* SPDX-License-Identifier: MIT */
/* From record files to the model. */
#ifndef OFFLOOP_LOAD_H
#define OFFLOOP_LOAD_H

#include "model.h"

/* Adds the records to the model: one run a file, one violation a site, with native frames
 * symbolized and fingerprints made. A file that is damaged is told about in one line on stderr, and
 * what is intact of it is added; one that can't be read at all is told about and counted in
 * model->unreadable. */
void ol_load_files(struct ol_model *model, const char *const *paths, size_t count);

#endif
