/* SPDX-License-Identifier: MIT */
/* A summary in GitHub-flavoured Markdown, for job summaries and comments. */
#ifndef OFFLOOP_MARKDOWN_H
#define OFFLOOP_MARKDOWN_H

#include <stdio.h>

#include "model.h"

/* The model must be merged and sorted. GitHub takes 1 MiB a step: of very many sites the first ones
 * are shown, and the rest is counted. */
void ol_markdown_write(struct ol_model *model, FILE *out);

#endif
