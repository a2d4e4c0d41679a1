/* SPDX-License-Identifier: MIT */
/* The program to be watched: where it is, and whether a preloaded library can watch it. */
#ifndef OFFLOOP_TARGET_H
#define OFFLOOP_TARGET_H

#include <stdbool.h>

struct obstack;

struct ol_target {
    const char *path;       /* what to execute */
    const char *image;      /* the ELF file that runs then: a script's interpreter, else the same */
    const char *sanitizer;  /* the library of a sanitizer that the program needs, or NULL */
    bool sets_asan_options; /* and it answers that library's question for options itself */
};

/* Finds `program` as execvp would and looks into it, for scripts into their interpreters too.
 * Returns 0, or the exit code for what is wrong (OL_EXIT_NOT_FOUND, OL_EXIT_UNWATCHABLE) after
 * saying it in one line. Strings live in the pool. */
int ol_target_find(struct ol_target *target, struct obstack *pool, const char *program);

#endif
