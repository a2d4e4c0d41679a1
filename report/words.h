/* SPDX-License-Identifier: MIT */
/* Words of users, before the program is started: what is wrong in them is wrong usage. */
#ifndef OFFLOOP_WORDS_H
#define OFFLOOP_WORDS_H

#include <stdbool.h>

#include "detector/option.h"

struct obstack;

/* Reads what the environment says to the library, as the library will: options, rules files,
 * policy, ways to find loops. Ends the process with 2 and one line at the first word that is wrong;
 * the line names the option where the word came by one. */
void ol_words_check(struct ol_options *options, struct obstack *pool);

/* The rules files alone: `files` is as OFFLOOP_RULES. */
void ol_words_read_rules(const char *files, struct obstack *pool);

/* The rules files that `files` names have no-loop lines, which the built-in rules have too. Reads
 * both, the files last. */
bool ol_words_forbid_loops(const char *files, struct obstack *pool);

/* Ends the process with 2 where that file can't be written, or can't be made; `option` is the
 * option that named it. Nothing is made. */
void ol_words_check_file(const char *option, const char *path);

/* The same where it is no folder. */
void ol_words_check_folder(const char *option, const char *path);

#endif
