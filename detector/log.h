/* SPDX-License-Identifier: MIT */
/* Where live lines go (OFFLOOP_LOG): stderr, only while descriptor 2 still is the file that it was
 * at start, or a file. Any thread may write, and keeps errno; nothing here waits for a reader. */
#ifndef OFFLOOP_LOG_H
#define OFFLOOP_LOG_H

#include <sys/uio.h>

/* Remembers what descriptor 2 is. From the constructor. */
void ol_log_start(void);

/* The name of the log is known. One that stands for a descriptor (/dev/fd/3) is that descriptor, as
 * it is now; any other is opened by its name for each line: no link is followed, and nothing is
 * written to a file that is not ours (trust.h). */
void ol_log_find(void);

/* The process is about to lose the right to open files of its own (setuid, chroot): the log is
 * opened now, and its descriptor kept. Nowhere else does the library keep one. */
void ol_log_keep(void);

/* Writes the parts in one piece: all of them, or nothing where that would block. */
void ol_log_write(const struct iovec *parts, int count);

/* A line that is none of a site's; "offloop: " and the newline are added, and what may not be shown
 * is escaped, so that names can be given as they are. Not counted against OFFLOOP_LOG_MAX. */
void ol_log_say(const char *line);

#endif
