/* The `id` of a violation: the same across runs, machines, folders, pids and shifted lines.
 *
 * It is the first 16 hex digits of the SHA-256 of these lines, each ended by '\n': the rule; the
 * function; the api; the base name of the culprit's file (or module); the culprit's function; then
 * the functions of the user's own frames, innermost first, one line each, recursion counted once. A
 * part that is not known is an empty line. Line numbers, addresses, folders, arguments and process
 * ids have no part in it: baselines hold on to it for years, so a change here is a breaking one. */
#ifndef OFFLOOP_FINGERPRINT_H
#define OFFLOOP_FINGERPRINT_H

#include "model.h"

#define OL_FINGERPRINT_DIGITS 16

/* Needs all fields of the violation but `id`. The result is in the pool. */
const char *ol_fingerprint_make(struct obstack *pool, const struct ol_violation *violation);

#endif
