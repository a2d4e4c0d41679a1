/* SPDX-License-Identifier: MIT */
/* The command line of `offloop run`. The contract is in run_request.h. */
#include "run_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "exit.h"
#include "formats/format.h"
#include "profile.h"
#include "say.h"
#include "setting.h"

enum {
    KEY_OUT = 0x100,
    KEY_NO_NODE_OPTIONS,
    KEY_PROFILE,
    KEY_ERROR_CODE,
    KEY_REPORT,
    KEY_SOURCE_ROOT,
    KEY_WAIT
};

#define WAIT 5
#define WAIT_MAX 86400

static const struct argp_option own_options[] = {
    {"out", KEY_OUT, "FOLDER", 0,
     "record into FOLDER (default: a new folder for this run below offloop-out)", 0},
    {"report", KEY_REPORT, "FORMAT[=FILE]", 0, NULL, 0}, /* from the table of formats */
    {"source-root", KEY_SOURCE_ROOT, "FOLDER", 0,
     "name files relative to FOLDER, in ids too (default: the Git working tree around the working "
     "folder)",
     0},
    {"no-node-options", KEY_NO_NODE_OPTIONS, NULL, 0,
     "don't set NODE_OPTIONS for node: functions of JavaScript stay without names", 0},
    OL_VERDICT_OPTIONS,
    {"error-exitcode", KEY_ERROR_CODE, "N", 0, "exit N in place of 66", 0},
    {"wait", KEY_WAIT, "SECONDS", 0,
     "wait so long for processes that the program leaves running, as a daemon does (default: 5); they "
     "are named then, and go on",
     0},
    {"profile", KEY_PROFILE, "NAME", 0,
     "begin with the policy of a profile (homeassistant); --policy adds to it", 0},
    {0},
};

static void add_output(struct ol_run_request *request, const char *words, struct argp_state *state)
{
    const char *trouble;
    if (request->output_count == OL_RUN_OUTPUTS)
        ol_say_exit(OL_EXIT_USAGE, "--report: more than %d", OL_RUN_OUTPUTS);
    if (!ol_output_parse(&request->outputs[request->output_count], &request->pool, words, &trouble))
        ol_say_exit(OL_EXIT_USAGE, "--report: %s", trouble);
    request->output_count++;
}

static int number_of(const char *option, const char *value, int lowest, int highest,
                     struct argp_state *state)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number < lowest || number > highest)
        ol_say_exit(OL_EXIT_USAGE, "--%s: '%s' is not a number from %d to %d", option, value,
                    lowest, highest);
    return (int)number;
}

static void set_profile(struct ol_run_request *request, const char *name, struct argp_state *state)
{
    request->profile = name;
    if (!ol_profile_rules(name))
        ol_say_exit(OL_EXIT_USAGE, "--profile: unknown profile '%s'%s", name,
                    ol_profile_guess(&request->pool, name));
}

/* The first word that is no option is the program, and all after it is its own. */
static void accept_program(struct ol_run_request *request, struct argp_state *state)
{
    request->program = state->argv + state->next - 1;
    state->next = state->argc;
}

static error_t parse_setting(struct ol_run_request *request, int key, const char *value,
                             struct argp_state *state)
{
    if (ol_setting_apply(key, value, &request->pool))
        return 0;
    return ol_verdict_parse(&request->terms, key, value, state);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct ol_run_request *request = state->input;
    switch (key) {
    case KEY_OUT:
        request->out = value;
        return 0;
    case KEY_REPORT:
        add_output(request, value, state);
        return 0;
    case KEY_SOURCE_ROOT:
        request->source_root = value;
        return 0;
    case KEY_ERROR_CODE:
        request->terms.code = number_of("error-exitcode", value, 1, 255, state);
        return 0;
    case KEY_WAIT:
        request->wait = (unsigned)number_of("wait", value, 0, WAIT_MAX, state);
        return 0;
    case KEY_PROFILE:
        set_profile(request, value, state);
        return 0;
    case KEY_NO_NODE_OPTIONS:
        request->no_node_options = true;
        return 0;
    case ARGP_KEY_ARG:
        accept_program(request, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        ol_say_exit(OL_EXIT_USAGE, "which program? as in: offloop run -- PROG ARGS");
        return 0;
    default:
        return parse_setting(request, key, value, state);
    }
}

void ol_run_request_parse(struct ol_run_request *request, int argc, char **argv)
{
    *request = (struct ol_run_request){.terms = OL_VERDICT_TERMS, .wait = WAIT};
    ol_pool_begin(&request->pool);
    size_t own = sizeof own_options / sizeof *own_options - 1, all = own;
    struct argp_option *settings = ol_setting_options(&request->pool);
    while (settings[all - own].name)
        all++;
    struct argp_option *options = ol_pool_array(&request->pool, all + 1, sizeof *options);
    memcpy(options, own_options, own * sizeof *options);
    for (size_t i = 0; i < own; i++)
        if (options[i].key == KEY_REPORT)
            options[i].doc = ol_pool_format(&request->pool,
                                            "when the program has ended, write a report as %s, to "
                                            "FILE or standard output; can be repeated",
                                            ol_format_names(&request->pool));
    memcpy(options + own, settings, (all - own) * sizeof *options);
    const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "-- PROG [ARG...]",
        .doc =
            "Starts a program and watches its event loops: calls that block them are shown once "
            "each as they happen, counted, "
            "and recorded.\vExit codes: the program's own where that is not 0, 128+N where signal N ended "
            "it; else 66 when --fail-on or --baseline is met, and 65 when they could judge "
            "nothing. 2 wrong usage, before the program starts; 125 offloop itself failed; 126 the "
            "program can't be watched or run; 127 it was not found.",
    };
    ol_command_parse(&argp, argc, argv, ARGP_IN_ORDER, request);
}
