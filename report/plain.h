/* SPDX-License-Identifier: MIT */
/* Bytes that somebody else chose (file names, arguments, thread names) made safe to show.
 *
 * Nothing is dropped: what can't be shown is written as an escape. All results live in the pool
 * that is given and are valid UTF-8. ol_plain_start() has to be called once before; without it,
 * bytes from 0x80 on are escaped. */
#ifndef OFFLOOP_PLAIN_H
#define OFFLOOP_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct obstack;

/* Sets the character type locale to UTF-8. True: the user's own locale is UTF-8 too, so its
 * terminal shows more than ASCII. */
bool ol_plain_start(void);

/* For a terminal: control characters, text direction controls, what has no width, and invalid bytes
 * become \n, \x1b, \u202e and their like. What is a result of this stays as it is. */
char *ol_plain_text(struct obstack *pool, const char *bytes);

/* For data: only bytes that are no UTF-8 become \xNN. */
char *ol_plain_utf8(struct obstack *pool, const char *bytes);

/* Bytes of a character that may not be shown (ol_utf8_is_hidden), with its number in `c`. 0 for
 * others, and for bytes that are none. */
size_t ol_plain_hidden(const char *bytes, unsigned *c);

/* Columns that a result of ol_plain_text takes. */
size_t ol_plain_width(const char *text);

/* The first (or, with `tail`, the last) columns of a result of ol_plain_text, with `mark` where it
 * was cut. `text` itself when it fits. */
const char *ol_plain_cut(struct obstack *pool, const char *text, size_t columns, bool tail,
                         const char *mark);

#endif
