/* SPDX-License-Identifier: MIT */
/* Annotations for GitHub Actions: one workflow command a site, which GitHub shows at the line. */
#ifndef OFFLOOP_GITHUB_H
#define OFFLOOP_GITHUB_H

#include <stdio.h>

#include "model.h"

/* The model must be merged and sorted. Sites that a baseline knows are left out. */
void ol_github_write(struct ol_model *model, FILE *out);

#endif
