/* SPDX-License-Identifier: MIT */
/* The CPython bridge: rules about Python callables (detector/callable.h), acted on inside the
 * interpreter. Its Python half is bridge.py, compiled into the library. The preloaded half knows it
 * as ol_python_bridge: what is noted there is done at the next call of a Python function. */
#ifndef OFFLOOP_BRIDGE_H
#define OFFLOOP_BRIDGE_H

#include "bridge_api.h"

/* The calling thread, which holds the GIL, runs that loop of Python's from now on; None: no more.
 */
void ol_bridge_runs(struct ol_pyobject *loop);

#endif
