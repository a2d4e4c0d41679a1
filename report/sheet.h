/* SPDX-License-Identifier: MIT */
/* The text report: who ran, the sites worst first, the totals, and what to do next. */
#ifndef OFFLOOP_SHEET_H
#define OFFLOOP_SHEET_H

#include <stdio.h>

#include "model.h"
#include "page.h"

/* The whole report. The model must be merged and sorted. */
void ol_sheet_write(struct ol_model *model, FILE *out);

/* Its parts, each on a page that stands at the beginning of a line. */
void ol_sheet_head(struct ol_page *page, struct ol_model *model);
void ol_sheet_totals(struct ol_page *page, struct ol_model *model);

/* A site; `worst_ns` is what a full bar of time lost stands for. */
void ol_sheet_site(struct ol_page *page, struct ol_model *model,
                   const struct ol_violation *violation, uint64_t worst_ns);

/* Its stack: the user's frames in full, what lies between them in one line each. */
void ol_sheet_stack(struct ol_page *page, const struct ol_violation *violation);

/* "app.py:42", relative to the folder that the program was started in; the module where no file is
 * known. In the pool. */
const char *ol_sheet_place(struct obstack *pool, const struct ol_run *run,
                           const struct ol_frame *frame);

#endif
