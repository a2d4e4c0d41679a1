/* SPDX-License-Identifier: MIT */
/* Shell patterns, for names of threads, files and functions. libc's fnmatch() asks the locale
 * and may allocate, so it has no place in somebody else's process. No allocation, no errno, no
 * recursion: safe in a signal handler. */
#ifndef OFFLOOP_GLOB_H
#define OFFLOOP_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the pattern covers the whole of `text`, byte by byte and with case. `*` is any run of
 * bytes ('/' and dots too), `?` any one, `[abc]` and `[a-z]` one of a set, `[!abc]` and `[^abc]`
 * one that is not in it; `]` as the first of a set, and a `[` without its `]`, stand for
 * themselves. There is no escape: `[*]` is a star. The time is at most the product of both
 * lengths. `pattern` need not end with NUL. */
bool ol_glob_match(const char *pattern, size_t pattern_length, const char *text);

#endif
