/* SPDX-License-Identifier: MIT */
/* Lines of rules files, between the files of the ruleset: ruleset.c (what is allowed, how bad,
 * whose), ruleset_allow.c and ruleset_function.c (theirs), ruleset_line.c (bytes into words). */
#ifndef OFFLOOP_RULESET_LINE_H
#define OFFLOOP_RULESET_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "ruleset.h"

#define OL_LINE_WORDS 16

/* A line under way: where it stands, its words, who hears of it. */
struct ol_line {
    const char *file;
    unsigned number;
    bool shipped;        /* of a built-in pack */
    struct ol_word text; /* as written, without its comment */
    char *words[OL_LINE_WORDS];
    unsigned count; /* at least 1 */
    ol_complain *complain;
    void *context;
};

/* "FILE:LINE: 'WORD' REASON"; without a word, the reason alone. */
void ol_ruleset_line_complain(const struct ol_line *line, const char *word, const char *reason);

/* "FILE:LINE: unknown rule 'WORD': did you mean …?" */
void ol_ruleset_line_guess(const struct ol_line *line, const struct ol_nearest *nearest);

/* Cuts a text into lines and words and reads each. `template` has the file and whom to tell. Keeps
 * a copy of the bytes for the life of the process; `bytes` is NULL where they come from `fd`: false
 * when those are not as many, or not text. */
bool ol_ruleset_line_read_all(const struct ol_line *template, int fd, const char *bytes,
                              size_t size, void (*read)(struct ol_line *line));

/* Does the glob cover any rule? Says so, and names the nearest, when it does not. */
bool ol_ruleset_line_covers(const struct ol_line *line, const char *glob);

/* Statements about what is allowed. */
void ol_ruleset_line_allow(struct ol_line *line);
void ol_ruleset_line_no_allow(struct ol_line *line);

/* Statements about functions. */
void ol_ruleset_line_blocking(struct ol_line *line);
void ol_ruleset_line_loop_only(struct ol_line *line);
void ol_ruleset_line_off_loop_only(struct ol_line *line);
void ol_ruleset_line_misuse(struct ol_line *line);
void ol_ruleset_line_safe(struct ol_line *line);

#endif
