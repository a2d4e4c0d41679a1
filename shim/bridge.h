/* The CPython bridge: rules about Python callables (detector/callable.h), acted on inside the
 * interpreter. Its Python half is bridge.py, compiled into the library. */
#ifndef OFFLOOP_BRIDGE_H
#define OFFLOOP_BRIDGE_H

/* A loop of the calling thread enters its first wait: where CPython runs it, the bridge learns
 * which loop that is, and is installed when it is not there yet. The GIL need not be held. Without
 * rules for Python callables it only puts the door of the import machinery in place, once, where
 * Python itself waits. `caller` has called the wait. Keeps errno; no trouble of its own leaves it.
 */
void ol_bridge_meet(const void *caller);

#endif
