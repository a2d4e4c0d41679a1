/* SPDX-License-Identifier: MIT */
/* The options of the preloaded half as options of `offloop run`, expanded from
 * detector/options.def: `slow_ms` is
 * --slow-ms and sets OFFLOOP_SLOW_MS. */
#ifndef OFFLOOP_SETTING_H
#define OFFLOOP_SETTING_H

#include <argp.h>
#include <stdbool.h>

struct obstack;

#define OL_SETTING_KEY 0x400 /* argp keys from here on are settings */

/* Rows for argp, ended by an empty one; --no-NAME for switches. `out` and `fail_on`, which the
 * command handles itself, are not among them. In the pool. */
struct argp_option *ol_setting_options(struct obstack *pool);

/* Sets the variable of the option with that key in the environment. Wrong
 * words are found by ol_words_check() when all are there. Paths become absolute, since the program
 * may change its folder. False: the key is no setting. */
bool ol_setting_apply(int key, const char *value, struct obstack *pool);

/* A complaint of the library's ("OFFLOOP_POLICY: …") as one of the option, where the variable was
 * set by it: "--policy: …". In the pool. */
const char *ol_setting_name_option(struct obstack *pool, const char *complaint);

/* The absolute form of `path`. In the pool. */
const char *ol_setting_absolute(struct obstack *pool, const char *path);

#endif
