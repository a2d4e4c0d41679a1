/* SPDX-License-Identifier: MIT */
/* The subcommands, and what their options have in common. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>

#include "choice.h"
#include "describe.h"
#include "detector/tables.h"
#include "exit.h"
#include "outlet.h"
#include "pool.h"
#include "say.h"

const struct ol_command ol_commands[] = {
    {"run", ol_run_main, "start a program and watch its event loops"},
    {"report", ol_report_main, "show what records say"},
    {"diff", ol_diff_main, "tell which violations are new, gone, or hit more often"},
    {"baseline", ol_baseline_main, "write the known violations to a file, for --baseline"},
    {"rules", ol_rules_main, "list the rules"},
    {"explain", ol_explain_main, "tell what a rule means and what to do about it"},
    {"doctor", ol_doctor_main, "tell what of a program can and can't be watched"},
    {"clean", ol_clean_main, "remove old runs"},
    {NULL},
};

enum { KEY_USAGE = 0x1000, KEY_DESCRIBE };

static error_t parse_common(int key, char *value, struct argp_state *state)
{
    switch (key) {
    case 'h':
        setenv("ARGP_HELP_FMT", "no-dup-args-note",
               0); /* else three lines on something that everybody knows */
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case KEY_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    case KEY_DESCRIBE:
        ol_describe_command(state->root_argp);
        exit(ol_say_end(OL_EXIT_OK));
    case 'V':
        puts("offloop " OFFLOOP_VERSION);
        exit(ol_say_end(OL_EXIT_OK));
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option common_options[] = {
    {"help", 'h', NULL, 0, "show this help", -1},
    {"usage", KEY_USAGE, NULL, OPTION_HIDDEN, "show a short usage message", -1},
    {"describe", KEY_DESCRIBE, NULL, OPTION_HIDDEN, "this command line as data", -1},
    {"version", 'V', NULL, 0, "show the version", -1},
    {0},
};

static const struct argp common = {.options = common_options, .parser = parse_common};

void ol_command_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
    const struct argp_child children[] = {{&common, 0, NULL, 0}, {0}};
    struct argp whole = *argp;
    whole.children = children;
    argp_err_exit_status = OL_EXIT_USAGE;
    FILE *before = ol_outlet_guard_stderr();
    error_t error = argp_parse(&whole, argc, argv, flags | ARGP_NO_HELP, NULL, input);
    ol_outlet_unguard_stderr(before);
    if (error)
        exit(OL_EXIT_USAGE);
}

int ol_command_severity(struct argp_state *state, const char *option, const char *word)
{
    static const char *const words[] = {"error", "warning", "note", "never"};
    int severity = ol_choice_severity(word);
    if (severity < 0) {
        struct obstack pool;
        ol_pool_begin(&pool);
        ol_say_exit(OL_EXIT_USAGE, "--%s: unknown severity '%s'%s", option, word,
                    ol_choice_guess(&pool, word, words, 4, "error, warning, note or never"));
        ol_pool_end(&pool);
    }
    return severity;
}
