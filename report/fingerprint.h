/* The `id` of a violation: the same across runs, machines, folders, pids and shifted lines. Two
 * lines of one function that call the same are two violations with one id.
 *
 * It is the first 16 hex digits of the SHA-256 of these lines, each ended by '\n': the rule; the
 * api; for an import the module's name; the base name of the culprit's file (native code: of its
 * module, whether or not there are symbols); the culprit's function; then the functions of the
 * user's own frames in the turn, innermost first, each once. The turn's frames are those inside the
 * outermost frame of a loop framework; without one, all. What is not known is an empty line.
 *
 * Left out because they differ where the place is the same: line numbers, addresses, folders, other
 * arguments, process ids; how the program was started; the libc function under a Python callable
 * (CPython changes it between versions); how deep a recursion was; the frames of comprehensions
 * (3.12 has none); "outer.<locals>." (only from 3.11 on); the suffixes that compilers give to
 * copies of a function (".constprop.0", Rust's "::h…" and "[…]"); the random part of temporary file
 * names. Baselines hold on to ids for years, so a change here is a breaking one. */
#ifndef OFFLOOP_FINGERPRINT_H
#define OFFLOOP_FINGERPRINT_H

#include "model.h"

#define OL_FINGERPRINT_DIGITS 16

/* Needs all fields of the violation but `id`. The result is in the pool. */
const char *ol_fingerprint_make(struct obstack *pool, const struct ol_violation *violation);

/* The base name that the culprit's place has in the id, and its function; "?" where nothing is
 * known. In the pool. Baselines show them to their readers. */
const char *ol_fingerprint_place(struct obstack *pool, const struct ol_violation *violation);
const char *ol_fingerprint_function(struct obstack *pool, const struct ol_violation *violation);

#endif
