/* SPDX-License-Identifier: MIT */
/* What children of this process became: /proc says it late (not before exec is over) or never
 * (when they have ended). Kept by their exec or posix_spawn(), for the reports of whoever waits for
 * them. */
#ifndef OFFLOOP_COMMAND_H
#define OFFLOOP_COMMAND_H

#include <stddef.h>

#define OL_COMMAND_LONGEST 240

/* A turn is about to fork: from now on children share the memory that they write to. */
void ol_command_prepare(void);

/* That process becomes another program; the words as exec takes them. Async-signal-safe, for a
 * vfork's child too. Keeps errno. */
void ol_command_note(int pid, const void *argv);

/* The words of that child's command, a space between them; their length, 0 when it is not known. */
size_t ol_command_find(int pid, char words[static OL_COMMAND_LONGEST]);

#endif
