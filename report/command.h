/* SPDX-License-Identifier: MIT */
/* What all subcommands share: their list, -h, --help, --usage, --version, and how wrong usage ends.
 */
#ifndef OFFLOOP_COMMAND_H
#define OFFLOOP_COMMAND_H

#include "describe.h"

/* The subcommands; a row without name ends them. */
extern const struct ol_command ol_commands[];

/* Parses by argp, with -h, --help, --usage, -V and --version added. `flags` as for argp_parse.
 * Wrong usage, help and version end the process: 2, 0 and 0. */
void ol_command_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input);

/* For argp parsers: the value of an option by name; another word is wrong usage, and the nearest is
 * named. */
int ol_command_severity(struct argp_state *state, const char *option, const char *word);

int ol_run_main(int argc, char **argv);
int ol_report_main(int argc, char **argv);
int ol_diff_main(int argc, char **argv);
int ol_baseline_main(int argc, char **argv);
int ol_rules_main(int argc, char **argv);
int ol_explain_main(int argc, char **argv);
int ol_doctor_main(int argc, char **argv);
int ol_clean_main(int argc, char **argv);

#endif
