/* SPDX-License-Identifier: MIT */
/* Which files and folders that somebody else may have put there are ours to write into. By both
 * halves; raw system calls alone. SECURITY.md says why it is these. */
#ifndef OFFLOOP_TRUST_H
#define OFFLOOP_TRUST_H

#include <sys/stat.h>

/* Why no record is kept in that folder, as what follows its name in a line; NULL where one may be,
 * and where nothing is there yet. Static. */
const char *ol_trust_folder(const char *path);

/* The same of what was opened, or would be, to write live lines to. */
const char *ol_trust_log(const struct stat *status);

/* The descriptor that a path stands for: /dev/stderr, /dev/fd/3; -1: none. */
int ol_trust_descriptor(const char *path);

#endif
