/* SPDX-License-Identifier: MIT */
/* Characters in bytes that somebody else chose, and which of them may not be shown as they are.
 * Both halves ask here, so that a live line and a report escape the same ones. No allocation, no
 * locale: safe in a signal handler and between fork and exec. */
#ifndef OFFLOOP_UTF8_H
#define OFFLOOP_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The character that begins at `bytes`, in its shortest form and up to U+10FFFF, no surrogate;
 * returns its length, 0 where none begins. */
size_t ol_utf8_decode(const char *bytes, size_t count, unsigned *character);

/* A terminal would act on it, or a reader would not see it: controls, marks that turn the direction
 * of text, marks without a width, and numbers that are no characters. */
bool ol_utf8_is_hidden(unsigned character);

/* How many bytes from the beginning may be shown as they are; ends at a NUL too. */
size_t ol_utf8_shown(const char *bytes, size_t count);

#define OL_UTF8_ESCAPE 12

/* What begins at `bytes` (not NUL, count > 0) as a C escape: "\n", "\x1b", "\u202e", "\U000e0001";
 * a byte that is in no character is "\xf7". Returns how many bytes that stands for. */
size_t ol_utf8_escape(const char *bytes, size_t count, char escape[static OL_UTF8_ESCAPE]);

#endif
