/* SPDX-License-Identifier: MIT */
/* What was submitted to a loop from another thread, followed from run_coroutine_threadsafe()'s
 * return until the future is gone: whether its outcome was fetched, and where it was submitted.
 * Also the loops that such futures belong to.
 *
 * Everything here needs the GIL. At most 4096 futures are followed at a time. Whoever submits pays
 * for a place in a table; the weak reference that tells when a future is gone is made by the loop's
 * thread, when the loop has taken the submission up and so keeps the future until it has an
 * outcome.
 */
#ifndef OFFLOOP_BRIDGE_FOLLOW_H
#define OFFLOOP_BRIDGE_FOLLOW_H

#include <stdbool.h>

#include "bridge_api.h"

/* --- futures --- */

/* How often a future that is not followed got a callback or an outcome. When that has changed while
 * a submission was made, its loop may have been quicker than its return. */
extern unsigned ol_follow_missed;

/* From now on. `site`, of ol_gate_place, gets a hit if the future ends with a result or an
 * exception that nobody fetched; -1: none is told. `loop` is only compared. `missed`: the loop may
 * have taken it up, or be through with it. */
void ol_follow(struct ol_pyobject *future, const void *loop, int site, bool missed);

/* The loop of a future that is followed; NULL: it is not. */
const void *ol_follow_loop(const struct ol_pyobject *future);

/* Somebody looks after the outcome; true when the future is followed. */
bool ol_follow_take(const struct ol_pyobject *future);

/* asyncio's own callback, by which a future that is cancelled cancels its task, has this code. */
void ol_follow_learn_own(const struct ol_pyobject *code);

/* A callback was added to the future: by the loop that takes it up, or by somebody who looks after
 * the outcome. */
void ol_follow_call_back(struct ol_pyobject *future, const struct ol_pyobject *callback);

/* The future has that outcome. */
void ol_follow_settle(struct ol_pyobject *future, const struct ol_pyobject *outcome, bool raised);

/* The interpreter ends: what nobody fetched so far is told, nothing is followed any more. */
void ol_follow_end(void);

/* --- loops --- */

/* A loop that runs in this process. `name`, interned and kept, is of an attribute that is the ident
 * of the thread that runs it, or None; or of a method that tells whether it runs. ol_follow_no_home
 * when it is gone. */
void ol_follow_home(const void *loop, struct ol_pyobject *name, bool is_method);
void ol_follow_no_home(const void *loop);

/* Whether that loop is such a one and runs in another thread. */
bool ol_follow_runs_elsewhere(struct ol_pyobject *loop);

#endif
