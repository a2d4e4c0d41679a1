/* SPDX-License-Identifier: MIT */
/* Words of a text that users wrote, and the nearest valid word to a wrong one: for options, the
 * policy, and the command.
 *
 * A word points into somebody else's bytes and lives as long as they do. Comparisons are of
 * ASCII and ignore case, whatever the locale. No allocation, no errno, fixed memory: safe in a
 * signal handler and between fork and exec.
 */
#ifndef OFFLOOP_DETECTOR_WORD_H
#define OFFLOOP_DETECTOR_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct ol_word {
    const char *bytes; /* does not end with NUL */
    size_t length;
};

/* The whole string as a word, without the blanks around it. */
struct ol_word ol_word_of(const char *string);

/* Takes the next part of a list, without the blanks around it; the part may be empty. `rest` is
 * moved behind its separator, and is NULL after the last part. False when there is none left:
 * "a,b" has two parts, "" has one. */
bool ol_word_next(const char **rest, char separator, struct ol_word *part);

/* Splits at the first `separator` into what stands before and after it, both trimmed. False
 * without one: then both stay as they were. `word` may be `before`. */
bool ol_word_split(struct ol_word word, char separator, struct ol_word *before,
                   struct ol_word *after);

bool ol_word_is(struct ol_word word, const char *name);
bool ol_word_starts(struct ol_word word, const char *prefix);

/* The index in `names` of the one that the word is, or -1. */
int ol_word_find(struct ol_word word, const char *const *names, size_t count);

/* A search for the valid name that somebody meant. Start with the wrong word alone: {.word =
 * wrong}. */
struct ol_nearest {
    struct ol_word word;
    const char *name; /* nearest so far, NULL while none is near enough */
    unsigned distance;
};

/* Keeps `name` when it is near enough and nearer than what was found before. Near: the word is
 * its beginning (three letters or more), or at most a third of the word has to change, counting
 * a letter put in, left out, replaced, or swapped with its neighbour as one. Names and words
 * above OL_WORD_NEAR_MAX bytes are near to nothing. */
void ol_word_consider(struct ol_nearest *nearest, const char *name);
#define OL_WORD_NEAR_MAX 63u

/* The same for each of `names`; NULL entries are passed over. */
void ol_word_consider_all(struct ol_nearest *nearest, const char *const *names, size_t count);

/* Adds a word between quotes, harmless for terminals and cut to a reasonable length. */
void ol_word_quote(struct ol_text *line, struct ol_word word);

/* Adds "WHERE: 'slep' is no KIND: did you mean 'sleep'?", or, when nothing is near, "WHERE:
 * 'xyz' is no KIND: OTHERWISE". */
void ol_word_explain(struct ol_text *line, const char *where, const struct ol_nearest *nearest,
                     const char *kind, const char *otherwise);

#endif
