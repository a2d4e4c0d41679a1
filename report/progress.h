/* SPDX-License-Identifier: MIT */
/* A bar on stderr's terminal for work that takes long; nothing in a pipe or a file, and nothing for
 * work that is done before anybody wonders. */
#ifndef OFFLOOP_PROGRESS_H
#define OFFLOOP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ol_progress {
    const char *what; /* "reading records" */
    size_t parts;     /* that the work is made of */
    unsigned steps;
    int64_t started_ns, shown_ns;
    bool terminal, shown;
};

void ol_progress_begin(struct ol_progress *progress, const char *what, size_t parts);

/* `done` of `all` steps of that part are done, and all parts before it; cheap enough for each site.
 */
void ol_progress_step(struct ol_progress *progress, size_t part, size_t done, size_t all);

/* Takes the bar away; also before a line is said while it may stand there. */
void ol_progress_clear(struct ol_progress *progress);

#endif
