/* The program to be watched: where it is, and whether a preloaded library can watch it. */
#ifndef OFFLOOP_TARGET_H
#define OFFLOOP_TARGET_H

struct obstack;

struct ol_target {
    const char *path;      /* what to execute */
    const char *image;     /* the ELF file that runs then: a script's interpreter, else the same */
    const char *sanitizer; /* a sanitizer's runtime that must be preloaded before us, as the program
                              names it, or NULL */
};

/* Finds `program` as execvp would and looks into it, for scripts into their interpreters too.
 * Returns 0, or the exit code for what is wrong (OL_EXIT_NOT_FOUND, OL_EXIT_UNWATCHABLE) after
 * saying it in one line. Strings live in the pool. */
int ol_target_find(struct ol_target *target, struct obstack *pool, const char *program);

#endif
