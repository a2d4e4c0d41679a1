/* SPDX-License-Identifier: MIT */
/* JUnit XML as GitLab and Jenkins read it: a test case for each site. */
#ifndef OFFLOOP_JUNIT_H
#define OFFLOOP_JUNIT_H

#include <stdio.h>

#include "model.h"

/* Sites of severity error and warning are failures; notes and sites that a baseline knows are
 * skipped. One more case passes when loop threads were watched, and is skipped when there were
 * none, so that a clean report is not an empty one. Names don't change from run to run: both
 * servers know a test by them. */
void ol_junit_write(struct ol_model *model, FILE *out);

#endif
