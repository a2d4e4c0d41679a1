/* SPDX-License-Identifier: MIT */
/* What was started without the library, as the library noted it (detector/unwatched.h). */
#ifndef OFFLOOP_UNWATCHED_REPORT_H
#define OFFLOOP_UNWATCHED_REPORT_H

#include <stddef.h>

struct obstack;

struct ol_unwatched {
    const char **lines; /* "PATH: WHY", each once, in the order of their coming; in the pool */
    size_t count;
};

/* Reads what was noted in that folder of records, and removes the note. The program that was
 * started is among them where this command is under a filter of system calls itself: so is all it
 * starts. */
void ol_unwatched_fetch(struct ol_unwatched *unwatched, struct obstack *pool, const char *folder,
                        const char *program);

/* Says the first few of them. */
void ol_unwatched_say(const struct ol_unwatched *unwatched);

#endif
