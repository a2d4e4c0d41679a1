/* SPDX-License-Identifier: MIT */
/* CPython's global lock: its condition variables lie inside the `_PyRuntime` object (3.9 to 3.15).
 */
#ifndef OFFLOOP_GIL_H
#define OFFLOOP_GIL_H

#include <stdbool.h>

/* Looks for `_PyRuntime`; when an interpreter was found. */
void ol_gil_find(void);

/* Is this condition one of the GIL's? False without an interpreter. */
bool ol_gil_is(const void *condition);

#endif
