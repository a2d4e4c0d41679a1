/* SPDX-License-Identifier: MIT */
/* The report as one page that opens from disk: style, script and data are in it, and its
 * Content-Security-Policy lets nothing else in. */
#ifndef OFFLOOP_HTML_H
#define OFFLOOP_HTML_H

#include <stdio.h>

#include "model.h"

/* The whole page. The model must be merged and sorted. */
void ol_html_write(struct ol_model *model, FILE *out);

#endif
