/* SPDX-License-Identifier: MIT */
/* Is somebody still counting into a record? */
#ifndef OFFLOOP_ALIVE_H
#define OFFLOOP_ALIVE_H

#include <stdbool.h>
#include <sys/types.h>

/* A process of the record at `path` runs, as far as pids tell: one that began later than the record
 * says is another. What is no record is nobody's, but for one that has just been made: it may be in
 * the making. */
bool ol_alive_record(const char *path);

#define OL_ALIVE_NAME 64

/* The name of a process, as ps shows it; "" when there is none. */
void ol_alive_name(pid_t pid, char name[static OL_ALIVE_NAME]);

/* A process of that pid and name runs. */
bool ol_alive_named(pid_t pid, const char *name);

#endif
