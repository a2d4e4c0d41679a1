/* SPDX-License-Identifier: MIT */
/* Parts of the text report: who ran, the violations worst first, sums, and what to do next. */
#ifndef OFFLOOP_FORMAT_TEXT_H
#define OFFLOOP_FORMAT_TEXT_H

#include "../page.h"
#include "format.h"

/* Each on a page that stands at the beginning of a line. */
void ol_text_put_head(struct ol_page *page, struct ol_model *model);
void ol_text_put_totals(struct ol_page *page, struct ol_model *model);

/* A violation; `worst_ns` is what a full bar of time lost stands for. */
void ol_text_put_violation(struct ol_page *page, struct ol_model *model,
                           const struct ol_violation *violation, uint64_t worst_ns);

/* Its stack: the user's frames in full, what lies between them in one line each. */
void ol_text_put_stack(struct ol_page *page, const struct ol_violation *violation);

#endif
