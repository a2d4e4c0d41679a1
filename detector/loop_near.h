/* SPDX-License-Identifier: MIT */
/* Whether the process, as it is now, is one that may begin a loop: by what its objects import, and
 * by what the user says. Asked once, at start: what loops need is made ready only then, and most
 * tools (cat, sed, ls, a shell) have none.
 *
 * A loop can come all the same: in what is loaded later, or by a function that is looked up by its
 * name.
 */
#ifndef OFFLOOP_LOOP_NEAR_H
#define OFFLOOP_LOOP_NEAR_H

#include <stdbool.h>

/* Takes the lock of the list of loaded objects. */
bool ol_loop_is_near(void);

#endif
