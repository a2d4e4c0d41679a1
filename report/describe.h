/* SPDX-License-Identifier: MIT */
/* The command line as data, for what is generated from it: man pages and shell completion
 * (scripts/generate-command-docs). `--describe` is not in any help. */
#ifndef OFFLOOP_DESCRIBE_H
#define OFFLOOP_DESCRIBE_H

#include <argp.h>

struct ol_command {
    const char *name;
    int (*main)(int argc, char **argv); /* argv[0] is "offloop NAME"; returns the exit code */
    const char *text;                   /* one line for `offloop --help` */
};

/* {"commands": [{"name", "text"}], "formats": [{"name", "text"}], "choices": {"SEVERITY": ["error",
 * …], …}} on stdout: what an argument of that name can be. */
void ol_describe_all(const struct ol_command *commands);

/* {"arguments", "text", "more", "options": [{"long", "letter", "argument", "text"}]} on stdout. */
void ol_describe_command(const struct argp *argp);

#endif
