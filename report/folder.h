/* SPDX-License-Identifier: MIT */
/* Folders of records: listing them, and which run is the newest. */
#ifndef OFFLOOP_FOLDER_H
#define OFFLOOP_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

struct obstack;

struct ol_paths {
    const char **items; /* sorted; malloc'ed, the strings are in the pool */
    size_t count;
};

void ol_folder_free(struct ol_paths *paths);
void ol_folder_add(struct ol_paths *paths, const char *path); /* at the end */

/* Adds all records in `folder` and the folders in it, but for those of which nothing is written yet.
 * Symbolic links are not followed. False: it can't be read, errno says why. */
bool ol_folder_list(struct ol_paths *paths, struct obstack *pool, const char *folder);

/* Adds the records of the newest run below `base`: those of the run folder that holds the record
 * written to last, or that record alone when it lies in `base` itself (written by the bare
 * library). False when there is none. */
bool ol_folder_newest(struct ol_paths *paths, struct obstack *pool, const char *base);

#endif
