/* SPDX-License-Identifier: MIT */
/* Programs that this one starts and that run without the library: `offloop run` names them, since
 * what they do looks like silence. */
#ifndef OFFLOOP_UNWATCHED_H
#define OFFLOOP_UNWATCHED_H

/* In the folder of the records: a line for each, "PATH: WHY". */
#define OL_UNWATCHED_FILE "not-watched"

/* Why, where a filter of system calls was there first. */
#define OL_UNWATCHED_FILTERED                                                                      \
    "it was started under a seccomp filter, of which it can't know what it forbids"

/* Before `path` is executed with that environment; without a '/' it is looked for as execvp() does.
 * `path` may be NULL. By system calls alone, errno kept: also in a child of vfork(). Does nothing
 * but under `offloop run`. */
void ol_unwatched_note(const char *path, char *const *environment);

#endif
