/* SPDX-License-Identifier: MIT */
/* Shell patterns without libc. Called where users chose something by name; the contract is in
 * glob.h. */
#include "glob.h"

/* The `]` that ends the set which starts at `open`, or NULL: then the bracket is an ordinary
 * byte. */
static const char *end_of_set(const char *open, const char *end)
{
    const char *at = open + 1;
    if (at < end && (*at == '!' || *at == '^'))
        at++;
    if (at < end && *at == ']') /* the first of a set is a member */
        at++;
    while (at < end && *at != ']')
        at++;
    return at < end ? at : NULL;
}

/* Whether `c` is in the set between `open` and `close`, both brackets not included. */
static bool in_set(const char *open, const char *close, unsigned char c)
{
    const char *at = open + 1;
    bool negated = *at == '!' || *at == '^';
    bool found = false;
    for (at += negated; at < close; at++) {
        unsigned char low = (unsigned char)*at;
        unsigned char high = low;
        if (at + 2 < close && at[1] == '-') {
            high = (unsigned char)at[2];
            at += 2;
        }
        found |= low <= c && c <= high;
    }
    return found != negated;
}

/* Matches one byte against the element at `pattern`, which is no star; returns what follows the
 * element, or NULL. `open` is the first bracket that is known to have no end, or the pattern's end:
 * those behind it have none either, and are not looked at again and again. */
static const char *match_one(const char *pattern, const char *end, char c, const char **open)
{
    bool may_be_set = *pattern == '[' && pattern < *open;
    const char *close = may_be_set ? end_of_set(pattern, end) : NULL;
    if (may_be_set && !close)
        *open = pattern;
    if (close)
        return in_set(pattern, close, (unsigned char)c) ? close + 1 : NULL;
    return *pattern == '?' || *pattern == c ? pattern + 1 : NULL;
}

/* Each byte of the text goes on in the pattern, is swallowed by the last star, or ends the match.
 */
bool ol_glob_match(const char *pattern, size_t pattern_length, const char *text)
{
    const char *end = pattern + pattern_length;
    const char *after_star =
        NULL; /* only the last star is ever taken back: earlier ones can't help, so no blow-up */
    const char *retry = NULL;
    const char *open = end;
    while (*text) {
        const char *next = pattern < end && *pattern != '*' ? match_one(pattern, end, *text, &open)
                                                            : NULL;
        if (pattern < end && *pattern == '*') {
            after_star = ++pattern;
            retry = text;
        } else if (next) {
            pattern = next;
            text++;
        } else if (after_star) {
            pattern = after_star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*')
        pattern++;
    return pattern == end;
}
