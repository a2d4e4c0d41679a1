/* SPDX-License-Identifier: MIT */
/* Text built in a fixed buffer: what code in the guest process uses in place of stdio.
 *
 * A struct ol_text never overflows: what does not fit is cut, and `cut` is set. It always ends with
 * NUL. No allocation, no locale, no errno: safe in a signal handler and between fork and exec.
 */
#ifndef OFFLOOP_TEXT_H
#define OFFLOOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ol_text {
    char *bytes;
    size_t size; /* of the buffer, the NUL included; at least 1 */
    size_t length;
    bool cut;
};

/* An empty text in that buffer. */
struct ol_text ol_text_in(char *buffer, size_t size);
#define OL_TEXT(array) ol_text_in((array), sizeof(array))

void ol_text_add(struct ol_text *text, const char *string); /* NULL adds nothing */
void ol_text_add_bytes(struct ol_text *text, const char *bytes, size_t count);
void ol_text_add_char(struct ol_text *text, char c);
void ol_text_add_unsigned(struct ol_text *text, uint64_t number);
void ol_text_add_signed(struct ol_text *text, int64_t number);
void ol_text_add_hex(struct ol_text *text, uint64_t number); /* with 0x */

/* Adds bytes so that a terminal can't be harmed and nothing is hidden from its reader (utf8.h):
 * what may not be shown, quotes and backslashes as C escapes. At most `count`, at most up to a NUL.
 * What is cut ends with a whole character or escape. */
void ol_text_add_escaped(struct ol_text *text, const char *bytes, size_t count);

/* The same of a whole string, where quotes and backslashes may stay. */
void ol_text_add_plain(struct ol_text *text, const char *string);

/* A duration in ns, three digits at most and its unit: "38 us", "1.25 s". */
void ol_text_add_duration(struct ol_text *text, uint64_t ns);

#endif
