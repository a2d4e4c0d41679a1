/* SPDX-License-Identifier: MIT */
/* The CPython bridge: rules about Python callables (detector/callable.h), acted on inside the
 * interpreter. Its Python half is bridge.py, compiled into the library.
 *
 * It never waits for the GIL, nor allocates without it: these note what is wanted, and it is done
 * at the next call of a Python function. They keep errno; no trouble of their own leaves them. */
#ifndef OFFLOOP_BRIDGE_H
#define OFFLOOP_BRIDGE_H

#include "bridge_api.h"

/* The calling thread has made that descriptor, which a loop may wait for: with rules for Python
 * callables the bridge is to be there before the loop runs. */
void ol_bridge_expect(int epoll);

/* A loop of the calling thread waits, or has waited, and is not met: ol_self.unmet. Without rules
 * only the door of the import machinery is wanted, once. */
void ol_bridge_meet(void);

/* The calling thread, which holds the GIL, runs that loop of Python's from now on; None: no more.
 */
void ol_bridge_runs(struct ol_pyobject *loop);

/* In a forked child. */
void ol_bridge_forked(void);

#endif
