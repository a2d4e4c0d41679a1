/* SPDX-License-Identifier: MIT */
/* Words that users wrote, and the valid one they meant. Called while options are read, and by
 * the command; the contract is in word.h. Nothing here may depend on the locale: a Turkish 'i'
 * must not change what a policy means. */
#include "word.h"

#include <string.h>

#define QUOTED_MAX 48u

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks around words are habit, in lists above all, and never mean anything. */
static struct ol_word trimmed(const char *bytes, size_t length)
{
    while (length && blank(bytes[0])) {
        bytes++;
        length--;
    }
    while (length && blank(bytes[length - 1]))
        length--;
    return (struct ol_word){.bytes = bytes, .length = length};
}

struct ol_word ol_word_of(const char *string)
{
    return trimmed(string, strlen(string));
}

bool ol_word_next(const char **rest, char separator, struct ol_word *part)
{
    const char *start = *rest;
    if (!start)
        return false;
    const char *end = strchr(start, separator);
    *part = trimmed(start, end ? (size_t)(end - start) : strlen(start));
    *rest = end ? end + 1 : NULL;
    return true;
}

bool ol_word_split(struct ol_word word, char separator, struct ol_word *before,
                   struct ol_word *after)
{
    const char *middle = word.length ? memchr(word.bytes, separator, word.length) : NULL;
    if (!middle)
        return false;
    size_t length = (size_t)(middle - word.bytes);
    *before = trimmed(word.bytes, length);
    *after = trimmed(middle + 1, word.length - length - 1);
    return true;
}

bool ol_word_starts(struct ol_word word, const char *prefix)
{
    size_t i = 0;
    while (prefix[i] && i < word.length && lower(word.bytes[i]) == lower(prefix[i]))
        i++;
    return !prefix[i];
}

bool ol_word_is(struct ol_word word, const char *name)
{
    return word.length == strlen(name) && ol_word_starts(word, name);
}

int ol_word_find(struct ol_word word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] && ol_word_is(word, names[i]))
            return (int)i;
    return -1;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Cost of making the first i letters of `word` into the first j of `name`. Three rows are all
 * that a swap looks back. */
struct row {
    unsigned char cost[OL_WORD_NEAR_MAX + 1];
};

/* The row of the i-th letter: each cell is the cheapest of a letter left out, put in, replaced, or
 * swapped with the one before it. */
static void fill_row(struct row *row, const struct row *above, const struct row *above_that,
                     struct ol_word word, size_t i, struct ol_word name)
{
    row->cost[0] = (unsigned char)i;
    for (size_t j = 1; j <= name.length; j++) {
        char a = lower(word.bytes[i - 1]);
        char b = lower(name.bytes[j - 1]);
        unsigned cost = least(least(above->cost[j], row->cost[j - 1]) + 1u,
                              above->cost[j - 1] + (a != b));
        if (i > 1 && j > 1 && a == lower(name.bytes[j - 2]) && b == lower(word.bytes[i - 2]))
            cost = least(cost, above_that->cost[j - 2] + 1u);
        row->cost[j] = (unsigned char)cost;
    }
}

/* Edit distance with swaps of neighbours; both at most OL_WORD_NEAR_MAX long. */
static unsigned distance_of(struct ol_word word, struct ol_word name)
{
    struct row rows[3];
    for (size_t j = 0; j <= name.length; j++)
        rows[0].cost[j] = (unsigned char)j;
    for (size_t i = 1; i <= word.length; i++)
        fill_row(&rows[i % 3], &rows[(i + 2) % 3], &rows[(i + 1) % 3], word, i, name);
    return rows[word.length % 3].cost[name.length];
}

/* Shorter beginnings than three letters are the beginning of too much. */
static bool is_beginning(struct ol_word word, struct ol_word name)
{
    for (size_t i = 0; i < word.length; i++)
        if (i == name.length || lower(word.bytes[i]) != lower(name.bytes[i]))
            return false;
    return word.length >= 3;
}

/* Work that grows with both lengths, but both are bounded, and it happens on mistakes only. */
void ol_word_consider(struct ol_nearest *nearest, const char *name)
{
    struct ol_word word = nearest->word;
    struct ol_word whole = {.bytes = name, .length = strlen(name)};
    if (!word.length || word.length > OL_WORD_NEAR_MAX || whole.length > OL_WORD_NEAR_MAX)
        return;
    unsigned distance = distance_of(word, whole);
    unsigned limit = (unsigned)(word.length + 1) / 3;
    if (is_beginning(word, whole)) /* "warn" for "warning": a habit, not four mistakes */
        distance = limit = 1;
    if (distance > limit || (nearest->name && distance >= nearest->distance))
        return;
    nearest->name = name;
    nearest->distance = distance;
}

void ol_word_consider_all(struct ol_nearest *nearest, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i])
            ol_word_consider(nearest, names[i]);
}

void ol_word_quote(struct ol_text *line, struct ol_word word)
{
    ol_text_add_char(line, '\'');
    ol_text_add_escaped(line, word.bytes, word.length < QUOTED_MAX ? word.length : QUOTED_MAX);
    if (word.length > QUOTED_MAX)
        ol_text_add(line, "...");
    ol_text_add_char(line, '\'');
}

void ol_word_explain(struct ol_text *line, const char *where, const struct ol_nearest *nearest,
                     const char *kind, const char *otherwise)
{
    ol_text_add(line, where);
    ol_text_add(line, ": ");
    ol_text_add(line, "unknown ");
    ol_text_add(line, kind);
    ol_text_add(line, " ");
    ol_word_quote(line, nearest->word);
    ol_text_add(line, ": ");
    if (!nearest->name) {
        ol_text_add(line, otherwise);
        return;
    }
    ol_text_add(line, "did you mean '");
    ol_text_add_escaped(line, nearest->name, strlen(nearest->name)); /* may be a rules file's */
    ol_text_add(line, "'?");
}
