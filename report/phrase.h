/* SPDX-License-Identifier: MIT */
/* Sentences about violations that several formats share. What comes from records is plain text in
 * them (see plain.h): one line, harmless to show, valid UTF-8. All are in the pool or static. */
#ifndef OFFLOOP_PHRASE_H
#define OFFLOOP_PHRASE_H

#include "model.h"

/* What stands around the violation's argument, which is not NULL: a quote, or nothing. */
const char *ol_phrase_quote(const struct ol_violation *violation);

/* `time.sleep(500 ms)`, `open("/etc/hosts")`; long arguments are cut: paths at their beginning. */
const char *ol_phrase_call(struct obstack *pool, const struct ol_violation *violation);

/* `3 hits, 1.5 s lost, max 510 ms`, and whether the calls were blocked. */
const char *ol_phrase_cost(struct obstack *pool, const struct ol_violation *violation);

/* Its calls did wait, or were made on a wrong thread: no mere possibility. */
bool ol_phrase_hurt(const struct ol_violation *violation);

/* `did block`, `may block`, and what else there is to say of what its calls did; of a wrong thread
 * only that. */
const char *ol_phrase_effect(struct obstack *pool, const struct ol_violation *violation);

/* `1 loop thread`, `2 loop threads (200 loops)`: what was watched. */
const char *ol_phrase_loops(struct ol_model *model);

/* Why a run without violations is not clean: nothing was judged. NULL: something was. */
const char *ol_phrase_unjudged(const struct ol_model *model);

/* `app.py:42`: the culprit's file relative to the root of the sources; its module where no file is
 * known; "?" without a culprit. */
const char *ol_phrase_place(struct ol_model *model, const struct ol_violation *violation);

/* The culprit's function, "?" where it is not known. */
const char *ol_phrase_function(struct obstack *pool, const struct ol_violation *violation);

/* `handle at app.py:42`: a frame with all that is known of it. */
const char *ol_phrase_frame(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame);

/* What is wrong where the rule is broken: from the table of rules, else what its kind says. */
const char *ol_phrase_wrong(const char *rule, const char *kind);

/* The page that explains the rule: docs/rules/<family>.md#<rule>, where '-' in the family is '_'.
 * A rule that has no section (one from a rules file) gets the page alone. $OFFLOOP_DOCS_URL, when
 * it is set, stands before it. */
const char *ol_phrase_help(struct obstack *pool, const char *family, const char *rule);

#endif
