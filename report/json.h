/* SPDX-License-Identifier: MIT */
/* The report as data: schema offloop.report/1. */
#ifndef OFFLOOP_JSON_H
#define OFFLOOP_JSON_H

#include <stdio.h>

#include "model.h"

/* Writes one JSON object and a newline. Fields may be added; a change of meaning raises the
 * schema's number. */
void ol_json_write(struct ol_model *model, FILE *out);

/* json_violation.c: the elements of `violations`. */
void ol_json_put_violations(struct ol_model *model, FILE *out);

#endif
