/* SPDX-License-Identifier: MIT */
/* Any pattern (up to the first NUL) against any text, by another way: which texts' beginnings each
 * beginning of the pattern covers, in a table. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "detector/glob.h"
#include "fuzz.h"

#define LONGEST 200

/* How long the element of the pattern is that begins here, no star; whether it covers `c`. */
static size_t element(const char *pattern, size_t length, unsigned char c, bool *covers)
{
    bool negated = length > 1 && (pattern[1] == '!' || pattern[1] == '^');
    const char *first = pattern + 1 + negated;
    size_t left = length - 1 - negated;
    const char *close = *pattern == '[' && left > 1 ? memchr(first + 1, ']', left - 1) : NULL;
    *covers = *pattern == '?' || (unsigned char)*pattern == c;
    if (!close)
        return 1;
    *covers = negated;
    while (first < close) {
        bool range = first + 2 < close && first[1] == '-';
        unsigned char low = (unsigned char)first[0], high = (unsigned char)first[range ? 2 : 0];
        if (low <= c && c <= high)
            *covers = !negated;
        first += range ? 3 : 1;
    }
    return (size_t)(close - pattern) + 1;
}

static bool covers(const char *pattern, size_t length, const char *text)
{
    size_t size = strlen(text);
    bool *reached = calloc(size + 1, 1), result;
    reached[0] = true;
    for (size_t at = 0, step; at < length; at += step) {
        bool *next = calloc(size + 1, 1), fits, any = false;
        step = pattern[at] == '*' ? 1 : element(pattern + at, length - at, 0, &fits);
        for (size_t i = 0; i <= size; i++) {
            any |= reached[i];
            if (pattern[at] == '*')
                next[i] = any;
            else if (i && reached[i - 1] &&
                     element(pattern + at, length - at, (unsigned char)text[i - 1], &fits) && fits)
                next[i] = true;
        }
        free(reached);
        reached = next;
    }
    result = reached[size];
    free(reached);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = size ? memchr(bytes, '\0', size) : NULL;
    if (!end || size > LONGEST)
        return -1;
    size_t length = (size_t)(end - bytes);
    char *pattern = malloc(length + 1); /* it need not end with NUL */
    memcpy(pattern, bytes, length);
    pattern = realloc(pattern, length ? length : 1);
    const char *text = fuzz_string(end + 1, size - length - 1);
    DEMAND(ol_glob_match(pattern, length, text) == covers(pattern, length, text));
    free(pattern);
    fuzz_forget();
    return 0;
}
