/* SPDX-License-Identifier: MIT */
/* What of a program's arguments is kept (OFFLOOP_ARGS), and what is masked always: passwords,
 * tokens and their like, before anything is recorded or shown. No allocation, no locale: safe in a
 * signal handler and between fork and exec.
 *
 * Masked, as "***": the user-info of URLs and of what is written like USER:PASSWORD@HOST; the value
 * of a word that ends like "password" (secrets.def) behind "=", ":" or, as an option, in
 * the next word; what follows "Bearer"; options of some programs that take a password without
 * saying so (mysql -pVALUE). Rather too much than too little: a value goes on to the next blank. */
#ifndef OFFLOOP_SECRET_H
#define OFFLOOP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* OFFLOOP_ARGS. */
enum ol_secret_keeps { OL_SECRET_full, OL_SECRET_names, OL_SECRET_none, OL_SECRET_COUNT };
extern const char *const ol_secret_words[OL_SECRET_COUNT];

/* Full unless this was called; at start. */
void ol_secret_keep(enum ol_secret_keeps keeps);
enum ol_secret_keeps ol_secret_kept(void);

/* Adds a string with its secrets masked: a path, a URL, a command, a connection string. */
void ol_secret_add(struct ol_text *text, const char *string);

/* A command, word by word. Begin with {0}. */
struct ol_secret_command {
    const struct ol_secret_option *options; /* of the program; NULL: of none that is known */
    char next;                              /* what the next word is; 0: no secret */
    bool begun;
};

/* Adds what is kept of the next word of a command, masked: all of the words; with `names` the base
 * name of the first; with `none` nothing. False: nothing was added. */
bool ol_secret_add_word(struct ol_secret_command *command, struct ol_text *text, const char *word);

/* The scheme and host of a URL, and the host of a connection string; else the base name of a path,
 * or of a command's first word where it is none. */
void ol_secret_add_name(struct ol_text *text, const char *string, bool path);

/* Where the host of a URL begins, by the colon of its "://". */
const char *ol_secret_end_of_user_info(const char *colon);

#endif
