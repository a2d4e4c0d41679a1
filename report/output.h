/* SPDX-License-Identifier: MIT */
/* Where a report goes, and in which format. */
#ifndef OFFLOOP_OUTPUT_H
#define OFFLOOP_OUTPUT_H

#include <stdbool.h>

#include "model.h"

struct ol_output {
    const struct ol_format *format;
    const char *path; /* NULL: stdout */
};

/* Reads "FORMAT" or "FORMAT=FILE"; `path` points into `words`. False: the format is none, and
 * `trouble` (in the pool) says which one may be meant. */
bool ol_output_parse(struct ol_output *output, struct obstack *pool, const char *words,
                     const char **trouble);

/* Writes the report; the model must be merged and sorted. False: it could not be written, which was
 * said. */
bool ol_output_write(const struct ol_output *output, struct ol_model *model);

#endif
