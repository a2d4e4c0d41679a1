/* What was submitted to a loop from another thread, followed from run_coroutine_threadsafe()'s
 * return until the future is gone: whether its outcome was fetched, and where it was submitted.
 * Also the loops that such futures belong to.
 *
 * Everything here needs the GIL and costs less than 0.2 us. What is followed is kept by weak
 * reference, at most 4096 futures at a time; further ones are not followed.
 */
#ifndef OFFLOOP_BRIDGE_FOLLOW_H
#define OFFLOOP_BRIDGE_FOLLOW_H

#include <stdbool.h>

#include "bridge_api.h"

/* --- futures --- */

/* From now on. `site`, of ol_gate_place, gets a hit if the future ends with a result or an exception
 * that nobody fetched; -1: none is told. `loop` is only compared. */
void ol_follow(struct ol_pyobject *future, const void *loop, int site);

/* The loop of a future that is followed; NULL: it is not. */
const void *ol_follow_loop(const struct ol_pyobject *future);

/* Somebody looks after the outcome; true when the future is followed. */
bool ol_follow_take(const struct ol_pyobject *future);

/* Somebody is to be called with the outcome, unless it is a callback with the code that
 * ol_follow_disregard was given. NULL: the future is cancelled. */
void ol_follow_take_by(const struct ol_pyobject *future, const struct ol_pyobject *callback);
void ol_follow_disregard(const struct ol_pyobject *code);

/* The future has that outcome. */
void ol_follow_settle(const struct ol_pyobject *future, const struct ol_pyobject *outcome,
                      bool raised);

/* The interpreter ends: what nobody fetched so far is told, nothing is followed any more. */
void ol_follow_end(void);

/* --- loops --- */

/* A loop that runs in this process. `name`, interned and kept, is of an attribute that is None, or
 * of a method that gives False, when it does not run any more. ol_follow_no_home when it is gone. */
void ol_follow_home(const void *loop, struct ol_pyobject *name, bool is_method);
void ol_follow_no_home(const void *loop);

/* Whether that loop is such a one and runs. */
bool ol_follow_runs(struct ol_pyobject *loop);

#endif
