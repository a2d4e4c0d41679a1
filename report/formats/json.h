/* SPDX-License-Identifier: MIT */
/* The report as data: schema offloop.report/1. Fields may be added; a change of meaning raises the
 * schema's number. */
#ifndef OFFLOOP_JSON_H
#define OFFLOOP_JSON_H

#include "format.h"

/* json_violation.c: the elements of `violations`. */
void ol_json_put_violations(struct ol_model *model, FILE *out);

#endif
