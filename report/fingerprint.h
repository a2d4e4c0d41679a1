/* SPDX-License-Identifier: MIT */
/* The `id` of a violation: the same across runs, machines, folders, users, versions of CPython and
 * shifted lines; another one for another place.
 *
 * It is the first 16 hex digits of the SHA-256 of these lines, each ended by '\n': the rule; the
 * api; for an import the module's name; the culprit's place (identity.h); the culprit's function by
 * its qualified name. What is not known is an empty line.
 *
 * The place is one line of the user's code: who called the function that it stands in has no part
 * in the id, so a new test that calls old code is nothing new. Two lines of one function that call
 * the same are two violations with one id.
 *
 * Left out because they differ where the place is the same: line numbers, addresses, other
 * arguments, process ids; callers, and how the program was started; the libc function under a
 * Python callable (CPython changes it between versions); the frames of comprehensions (3.12 has
 * none); the suffixes that compilers give to copies of a function (".constprop.0", Rust's "::h…"
 * and "[…]"). Baselines hold on to ids for years, so a change here is a breaking one: it raises the
 * format of baselines, see baseline.c. */
#ifndef OFFLOOP_FINGERPRINT_H
#define OFFLOOP_FINGERPRINT_H

#include "model.h"

#define OL_FINGERPRINT_DIGITS 16

/* Needs all fields of the violation but `id`. The result is in the pool. */
const char *ol_fingerprint_make(struct ol_model *model, const struct ol_violation *violation);

/* The culprit's place and function as they are in the id; "?" where nothing is known. They live as
 * long as the model. Baselines show them to their readers. */
const char *ol_fingerprint_place(struct ol_model *model, const struct ol_violation *violation);
const char *ol_fingerprint_function(struct ol_model *model, const struct ol_violation *violation);

#endif
