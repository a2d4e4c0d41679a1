/* SPDX-License-Identifier: MIT */
/* SARIF 2.1.0, for code scanning: rules, results with their places and stacks, and what each run
 * could not see. Paths are relative to SRCROOT, the root of the sources (see place.h); with a
 * baseline, results have a baselineState. */
#ifndef OFFLOOP_SARIF_H
#define OFFLOOP_SARIF_H

#include <jansson.h>

#include "format.h"

/* Its parts, as new references. sarif_rule.c: the rules that the model's violations break, in the
 * order of their first violation; `indexes` gets the place of each by name. */
json_t *ol_sarif_rules(struct ol_model *model, json_t *indexes);
const char *ol_sarif_level(enum ol_severity severity);

/* The recorded runs, one invocation each. */
json_t *ol_sarif_invocations(struct ol_model *model);

/* sarif_result.c: the URI of an absolute path or, with `inside`, of one below SRCROOT. */
const char *ol_sarif_uri(struct obstack *pool, const char *path, bool inside);

/* The elements of `results`. */
void ol_sarif_put_results(struct ol_model *model, FILE *out, const json_t *indexes);

/* A message object of plain text. */
json_t *ol_sarif_message(const char *plain);

#endif
