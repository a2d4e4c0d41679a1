/* SPDX-License-Identifier: MIT */
/* Options of the preloaded half, read once from the environment at start. The rows are in
 * options.def. */
#ifndef OFFLOOP_OPTION_H
#define OFFLOOP_OPTION_H

#include <stdbool.h>
#include <stdint.h>

struct ol_options {
#define TEXT(field, variable, value, text) const char *field;
#define NUMBER(field, variable, value, lowest, highest, text) uint32_t field;
#define SWITCH(field, variable, value, text) bool field;
#include "options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
};

/* What hears of a word that is wrong: one line, without "offloop: " and newline. The line lives for
 * the call only. */
typedef void ol_complain(void *context, const char *line);

/* Fills `options` from `environment` (as environ; NULL entries end it). Words that are wrong or out
 * of range are complained of (naming the nearest valid one) and leave the default. An empty value
 * is the default. No allocation. */
void ol_option_read(struct ol_options *options, char *const *environment, ol_complain *complain,
                    void *context);

/* Complains of each OFFLOOP_ variable that is not known, and names the nearest known one. */
void ol_option_name_unknown(char *const *environment, ol_complain *complain, void *context);

#endif
