/* SPDX-License-Identifier: MIT */
/* The report as data: schema offloop.report/1. Fields may be added; a change of meaning raises the
 * schema's number. */
#ifndef OFFLOOP_JSON_H
#define OFFLOOP_JSON_H

#include "../stream.h"
#include "format.h"

/* A string from a record: bytes that are no UTF-8 are escaped. NULL is null. */
void ol_json_put_text(struct ol_model *model, struct ol_stream *stream, const char *name,
                      const char *bytes);

/* json_violation.c: `violations`, of which each is written to `out` when it is made. */
void ol_json_put_violations(struct ol_model *model, struct ol_stream *stream, FILE *out);

#endif
