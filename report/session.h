/* SPDX-License-Identifier: MIT */
/* Where one `offloop run` records: a folder of its own, or one that the user named, in which only
 * what is new counts. */
#ifndef OFFLOOP_SESSION_H
#define OFFLOOP_SESSION_H

#include <stdbool.h>
#include <time.h>

#include "folder.h"

struct ol_session {
    const char *folder;     /* absolute */
    const char *base;       /* the folder that it is in, NULL when the user named it */
    struct ol_paths before; /* records that were there already */
    time_t began;
};

/* Makes the folder: `out` where that is not NULL, else one named after time and pid below
 * $OFFLOOP_OUT or offloop-out; where that can't be written, or others can write into one of these
 * (detector/trust.h), a private one below $TMPDIR, which is said. Ends the process with 2 where
 * `out` can't be had, with 125 when there is none. */
void ol_session_begin(struct ol_session *session, struct obstack *pool, const char *out);

/* Why records of this run are missing: their folder was removed, or found no room. NULL: none is.
 * In the pool. */
const char *ol_session_lost(const struct ol_session *session, struct obstack *pool);

/* The records that were written since, those of a process that may not write into the folder
 * included. */
void ol_session_records(const struct ol_session *session, struct obstack *pool,
                        struct ol_paths *records);

/* Removes records that saw neither loops nor violations (of those given), and folders of ours that
 * are empty then; what is left is shrunk. `in_use`: a process of the run still counts into one of
 * them, or is about to make one, so all stays. */
void ol_session_end(struct ol_session *session, struct obstack *pool,
                    const struct ol_paths *records, bool in_use);

#endif
