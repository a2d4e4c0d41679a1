/* SPDX-License-Identifier: MIT */
/* What the command has to say about itself: lines on stderr that begin with "offloop: ". */
#ifndef OFFLOOP_SAY_H
#define OFFLOOP_SAY_H

#include <stddef.h>

/* One line, made as printf does. What could harm a terminal in the result is escaped, so names from
 * records and from the file system can be given as they are. The newline is added. */
void ol_say_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then exit(status). */
_Noreturn void ol_say_exit(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* realloc(array, count * size) that never fails: without memory the command says so and ends with
 * 125. */
void *ol_say_realloc(void *array, size_t count, size_t size);

/* At a subcommand's end: `status`, or 125 where standard output could not be written, which is
 * said.
 */
int ol_say_end(int status);

#endif
