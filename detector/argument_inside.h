/* SPDX-License-Identifier: MIT */
/* What the argument*.c files share. Not for others: they use argument.h. */
#ifndef OFFLOOP_ARGUMENT_INSIDE_H
#define OFFLOOP_ARGUMENT_INSIDE_H

#include "argument.h"

#define OL_ARGUMENT_LONGEST 1024 /* bytes of a string that are shown */

/* A string of the program's, "NULL", or "(unreadable)". */
void ol_argument_add_string(struct ol_text *text, const void *string);

/* A struct sockaddr of the program's: "127.0.0.1:80". */
void ol_argument_add_address(struct ol_text *text, const void *address, size_t size);

/* A descriptor as its peer or its file; an epoll descriptor as the peers that it waits for. */
void ol_argument_add_descriptor(struct ol_text *text, int fd);

/* The same of an array of struct pollfd: the first that has a peer, else the first, whose pipe may
 * be that of a child of this turn. */
void ol_argument_add_polled(struct ol_text *text, const void *fds, uint64_t count);

/* "pid 4711 (sleep 1)": the command is left out where it is this program's own. */
void ol_argument_add_process(struct ol_text *text, int64_t pid);

/* A format as printf's with its arguments, a va_list's address. Floating point stays as it is
 * written, and so does what is no conversion. */
void ol_argument_add_format(struct ol_text *text, const char *format, const void *list);

#endif
