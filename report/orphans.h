/* SPDX-License-Identifier: MIT */
/* The children of this process, by /proc. */
#ifndef OFFLOOP_ORPHANS_H
#define OFFLOOP_ORPHANS_H

#include <stddef.h>
#include <sys/types.h>

struct obstack;

/* Returns how many there are; `pids` (in the pool) are they. Ended ones that nobody has waited for
 * count. */
size_t ol_orphans_list(struct obstack *pool, pid_t **pids);

/* The process's name, as ps shows it; "?" where it is not known. In the pool. */
const char *ol_orphans_name(struct obstack *pool, pid_t pid);

#endif
