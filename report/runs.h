/* SPDX-License-Identifier: MIT */
/* Runs that lie in a folder of records: folders that `offloop run` has made, and records that the
 * bare library has left there. Nothing else in it is ours: what is not named and owned as ours, or
 * is a link, is not looked at and not touched. */
#ifndef OFFLOOP_RUNS_H
#define OFFLOOP_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct obstack;

struct ol_kept_run {
    const char *name; /* in the folder */
    bool is_folder;
    bool goes_on;   /* a process still counts into it */
    time_t last;    /* when something was written into it last */
    size_t records; /* and other files of ours */
    uint64_t bytes; /* that they take on the disk */
};

/* The runs in the folder, newest first, in the pool; their number in `count`. -1: the folder can't
 * be read, errno says why. */
int ol_runs_list(struct obstack *pool, const char *folder, struct ol_kept_run **runs,
                 size_t *count);

/* Removes the files of a run that are ours, and its folder where nothing is left in it. False:
 * something of ours is still there, errno says why. */
bool ol_runs_remove(struct obstack *pool, const char *folder, const struct ol_kept_run *run);

/* `offloop-out`, the default folder, carries a .gitignore: records are nobody's source. */
void ol_runs_hide(struct obstack *pool, const char *folder);

/* Removes a folder in which nothing is but that file. */
void ol_runs_remove_empty(struct obstack *pool, const char *folder);

#endif
