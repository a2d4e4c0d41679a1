/* SPDX-License-Identifier: MIT */
/* The preloaded library: where it is, and how it is preloaded. */
#ifndef OFFLOOP_LIBRARY_H
#define OFFLOOP_LIBRARY_H

struct obstack;

/* The path of liboffloop.so: $OFFLOOP_LIBRARY, else the one of this build or installation, found
 * from where the command itself lies. Ends the process with 125 when there is none. In the pool. */
const char *ol_library_find(struct obstack *pool);

/* LD_PRELOAD's new value: our library, then what was there before. A sanitizer's runtime is not put
 * in front: every program that is started from there would have it too. */
const char *ol_library_preload(struct obstack *pool, const char *library, const char *before);

#endif
