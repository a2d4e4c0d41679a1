/* SPDX-License-Identifier: MIT */
/* SARIF 2.1.0, for code scanning: rules, results with their places and stacks, and what each run
 * could not see. Paths are relative to SRCROOT, the root of the sources (see place.h); with a
 * baseline, results have a baselineState. */
#ifndef OFFLOOP_SARIF_H
#define OFFLOOP_SARIF_H

#include "../intern.h"
#include "../stream.h"
#include "format.h"

/* Each writes one value or more of the object that is open. */

/* sarif_rule.c: the rules that the model's violations break, in the order of their first violation;
 * `rules` gets their names, by the same numbers. */
void ol_sarif_put_rules(struct ol_model *model, struct ol_stream *stream, struct ol_intern *rules);
const char *ol_sarif_level(enum ol_severity severity);

/* sarif_rule.c: the recorded runs, one invocation each. */
void ol_sarif_put_invocations(struct ol_model *model, struct ol_stream *stream, FILE *out);

/* sarif_result.c: the URI of an absolute path or, with `inside`, of one below SRCROOT. */
const char *ol_sarif_uri(struct obstack *pool, const char *path, bool inside);

/* sarif_result.c. */
void ol_sarif_put_results(struct ol_model *model, struct ol_stream *stream, FILE *out,
                          struct ol_intern *rules);

/* A message object of plain text. */
void ol_sarif_put_message(struct ol_stream *stream, const char *name, const char *plain);

#endif
