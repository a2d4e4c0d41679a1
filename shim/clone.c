/* SPDX-License-Identifier: MIT */
/* clone(): its child may run in our memory, with the thread-local memory of the thread that made
 * it. As of vfork()'s, what it does is not the loop's. */
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../detector/process.h"
#include "wrap.h"

/* The words after `argument` need not be there. The child runs on a stack of its own; one that the
 * parent does not wait for may live on. */
static __attribute__((used)) int wrap_clone(int (*run)(void *), void *stack, int flags,
                                            void *argument, void *parent_tid, void *tls,
                                            void *child_tid)
{
    bool shares = flags & CLONE_VM && !(flags & CLONE_THREAD);
    if (shares)
        atomic_fetch_add(&ol_process_looks_closely, 1);
    union {
        ol_real_function *any;
        __typeof(&wrap_clone) clone;
    } real = {.any = ol_real_get(OL_SLOT_clone)};
    int result = real.clone(run, stack, flags, argument, parent_tid, tls, child_tid);
    if (shares && (flags & CLONE_VFORK || result < 0)) /* it is gone */
        atomic_fetch_sub(&ol_process_looks_closely, 1);
    return result;
}

OL_EXPORT(clone)
