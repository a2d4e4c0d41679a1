/* SPDX-License-Identifier: MIT */
/* The functions that a sanitizer's runtime puts in front of the C library's, as we do. They call on
 * what is behind them, so nothing is missed; but where the runtime is linked into the program, as
 * clang does, they look like the program's own code. */
#ifndef OFFLOOP_INTERCEPTOR_H
#define OFFLOOP_INTERCEPTOR_H

#include <stdbool.h>

#include "module.h"

/* At start: looks for a runtime. */
void ol_interceptor_start(void);

/* A runtime is in the process. */
bool ol_interceptor_is_there(void);

/* That object has a runtime, so what it defines of the wrapped functions passes calls on. */
bool ol_interceptor_is(const struct ol_module *module);

/* How many of these return addresses, innermost first, are the runtime's in the program. Takes no
 * time in a program without one. */
unsigned ol_interceptor_frames(void *const *frames, unsigned count);

#endif
