/* SPDX-License-Identifier: MIT */
/* vfork(): its child runs in our memory, thread-local memory too, until it becomes another program
 * or ends; what it does is not the loop's. A function of C can't return twice on one stack frame,
 * so the call is made in arch/<cpu>/vfork.S: the thread is disarmed in the child, and armed again
 * in the parent as it was before. */
#include <errno.h>
#include <stddef.h>

#include "../detector/thread.h"

_Static_assert(offsetof(struct ol_thread, armed) == 0, "the assembler writes ol_self.armed");

/* Jumped to with the kernel's answer. */
int ol_vfork_failed(long error) __attribute__((used, visibility("hidden")));

int ol_vfork_failed(long error)
{
    errno = (int)-error;
    return -1;
}
