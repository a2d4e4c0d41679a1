/* SPDX-License-Identifier: MIT */
/* How the bridge comes to hold the interpreter's lock. It never waits for it: who holds the lock
 * may wait for the very thread that we would wait in. The next call of a Python function, in
 * whatever thread, is entered by us instead (PEP 523), once; whoever calls has the lock.
 */
#ifndef OFFLOOP_BRIDGE_EVALUATOR_H
#define OFFLOOP_BRIDGE_EVALUATOR_H

#include <stdbool.h>

/* What is to be done then, with the lock; the same at each call. */
typedef void ol_evaluator_visit(void);

/* The visit comes at the next call of a Python function in the calling thread's interpreter. Needs
 * no lock, takes none, allocates nothing; the calling thread must be one of Python's. It may come
 * in another thread, or not at all where others ask as well: to be asked for again as long as
 * something is wanted. False: this interpreter can't be entered so. */
bool ol_evaluator_expect(ol_evaluator_visit *visit);

/* In a forked child: who was asking is not here. */
void ol_evaluator_forked(void);

#endif
