/* SPDX-License-Identifier: MIT */
/* `offloop run`: a program under the library, then its reports and the verdict. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "closing.h"
#include "command.h"
#include "exit.h"
#include "formats/format.h"
#include "group.h"
#include "judged.h"
#include "launch.h"
#include "library.h"
#include "load.h"
#include "output.h"
#include "place.h"
#include "plain.h"
#include "profile.h"
#include "runtime/runtime.h"
#include "say.h"
#include "session.h"
#include "setting.h"
#include "target.h"
#include "unwatched.h"
#include "verdict.h"
#include "words.h"

#define OUTPUTS_MAX 16

struct request {
    struct obstack pool;
    char **program; /* its argv */
    bool no_node_options;
    const char *out, *profile;
    const char *source_root;
    struct ol_verdict_terms terms;
    struct ol_output outputs[OUTPUTS_MAX];
    size_t output_count;
    bool forbids_loops; /* by rules files */
    unsigned wait;      /* seconds for what the program leaves running */
};

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

static void add_output(struct request *request, const char *words, struct argp_state *state)
{
    const char *trouble;
    if (request->output_count == OUTPUTS_MAX)
        ol_say_exit(OL_EXIT_USAGE, "--report: more than %d", OUTPUTS_MAX);
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

static void set_profile(struct request *request, const char *name, struct argp_state *state)
{
    request->profile = name;
    if (!ol_profile_rules(name))
        ol_say_exit(OL_EXIT_USAGE, "--profile: unknown profile '%s'%s", name,
                    ol_profile_guess(&request->pool, name));
}

/* The first word that is no option is the program, and all after it is its own. */
static void accept_program(struct request *request, struct argp_state *state)
{
    request->program = state->argv + state->next - 1;
    state->next = state->argc;
}

static error_t parse_setting(struct request *request, int key, const char *value,
                             struct argp_state *state)
{
    if (ol_setting_apply(key, value, &request->pool))
        return 0;
    return ol_verdict_parse(&request->terms, key, value, state);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct request *request = state->input;
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

static void parse_command_line(struct request *request, int argc, char **argv)
{
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

/* A profile comes first: the user's own words are later, and later wins. */
static void set_policy(const struct request *request, struct obstack *pool)
{
    const char *policy = getenv("OFFLOOP_POLICY"), *rules = getenv("OFFLOOP_RULES");
    if (!request->profile)
        return;
    const char *all = ol_profile_rules(request->profile);
    if (rules && *rules)
        all = ol_pool_format(pool, "%s:%s", all, rules);
    setenv("OFFLOOP_RULES", all, 1);
    ol_words_read_rules(all, pool);
    const char *words = ol_profile_policy(pool, request->profile);
    if (policy && *policy)
        words = ol_pool_format(pool, "%s,%s", words, policy);
    setenv("OFFLOOP_POLICY", words, 1);
}

/* Our library tells that runtime itself (shim/sanitizers.c), where the program does not. */
static void allow_asan_behind(struct obstack *pool)
{
    const char *before = getenv("ASAN_OPTIONS");
    bool others = before && *before;
    setenv("ASAN_OPTIONS",
           ol_pool_format(pool, "%s%sverify_asan_link_order=0", others ? before : "",
                          others ? ":" : ""),
           1);
}

static void set_environment(struct request *request, const struct ol_target *target,
                            const char *library, const char *folder)
{
    setenv("OFFLOOP_OUT", folder, 1);
    setenv("OFFLOOP_RUN", "1", 1); /* the last line is ours */
    setenv("LD_PRELOAD", ol_library_preload(&request->pool, library, getenv("LD_PRELOAD")), 1);
    if (target->sets_asan_options)
        allow_asan_behind(&request->pool);
}

static bool is_set_to(const char *variable, const char *value)
{
    const char *set = getenv(variable);
    return set && strcmp(set, value) == 0;
}

static bool write_reports(const struct request *request, struct ol_model *model)
{
    bool written = true;
    for (size_t i = 0; i < request->output_count; i++)
        written = ol_output_write(&request->outputs[i], model) && written;
    return written;
}

static void name_reports(const struct request *request, struct obstack *pool)
{
    const char *names = "";
    for (size_t i = 0; i < request->output_count; i++)
        if (request->outputs[i].path)
            names = ol_pool_format(pool, "%s%s%s", names, *names ? ", " : "",
                                   request->outputs[i].path);
    if (*names)
        ol_say_line("reports: %s", names);
}

/* The program's own status comes first: a test that failed must not look like something else. */
static int choose_code(const struct ol_verdict *verdict, bool written, int code)
{
    if (code != OL_EXIT_OK)
        return code;
    return written ? verdict->code : OL_EXIT_OWN;
}

/* What is not known to be missed by somebody who expects it, is no news. */
static void tell_unwatched(const struct ol_unwatched *unwatched, struct ol_model *model,
                           bool wanted)
{
    const char *why;
    if (wanted || ol_judged_of(&model->pool, model, &why) == OL_JUDGED_nothing)
        ol_unwatched_say(unwatched);
}

/* Reports, the verdict, the last lines: the exit code of the whole. */
static int judge(struct request *request, struct ol_model *model, const char *folder,
                 const struct ol_unwatched *unwatched, int code)
{
    ol_group_merge(model);
    ol_verdict_apply(&request->terms, model);
    ol_group_sort(model, OL_GROUP_BY_TIME);
    bool written = write_reports(request, model);
    struct ol_verdict verdict = ol_verdict_judge(&request->terms, model, code == OL_EXIT_OK);
    if (verdict.reason && written)
        name_reports(request, &model->pool);
    tell_unwatched(unwatched, model, request->terms.least < OL_SEVERITY_COUNT);
    if (!is_set_to("OFFLOOP_POLICY", "help"))
        ol_closing_say(model, request->program[0], folder, verdict.code == OL_EXIT_BLIND);
    const char *whose = code != OL_EXIT_OK ? "is the program's own"
                        : !written         ? "is that of a report that can't be written"
                                           : NULL;
    code = choose_code(&verdict, written, code);
    ol_verdict_say(&verdict, code, whose);
    return code;
}

static void tell_of_wait(const struct ol_launch *launch, struct obstack *pool, unsigned seconds)
{
    ol_say_line("waiting up to %u s for what was left running: %s; Ctrl-C ends the wait", seconds,
                ol_launch_names(launch, pool));
}

/* A daemon. Its record grows after us. */
static void tell_of_left(const struct ol_launch *launch, struct obstack *pool, const char *folder)
{
    ol_say_line("%s goes on running and recording; what follows is what was seen so far, the rest "
                "will be in: offloop report %s",
                ol_launch_names(launch, pool), ol_closing_path(pool, folder));
}

/* Runs the program without those variables of ours that the library does not know, and would name.
 */
static int launch_program(const struct request *request, const struct ol_target *target,
                          struct ol_launch *launch, struct obstack *pool)
{
    const char *docs = getenv("OFFLOOP_DOCS_URL");
    docs = docs ? ol_pool_string(pool, docs) : NULL;
    unsetenv("OFFLOOP_DOCS_URL");
    unsetenv("OFFLOOP_LIBRARY");
    int code = ol_launch_run(launch, pool, target->path, request->program);
    if (docs)
        setenv("OFFLOOP_DOCS_URL", docs, 1);
    return code;
}

/* The program, until nothing of it is left or nobody wants to wait: its exit code. */
static int launch(struct request *request, const struct ol_target *target, const char *folder,
                  struct ol_launch *launch)
{
    int code = launch_program(request, target, launch, &request->pool);
    if (launch->started)
        ol_launch_wait(launch, &request->pool, request->wait, tell_of_wait);
    if (launch->left_count)
        tell_of_left(launch, &request->pool, folder);
    return code;
}

static int read_and_judge(struct request *request, const struct ol_session *session,
                          const struct ol_paths *records, int code)
{
    struct ol_model model;
    struct ol_unwatched unwatched;
    ol_model_begin(&model);
    ol_place_open(&model, request->source_root);
    ol_load_files(&model, records->items, records->count);
    ol_unwatched_fetch(&unwatched, &request->pool, session->folder, request->program[0]);
    model.unwatched = unwatched.count;
    model.forbids_loops = request->forbids_loops;
    model.lost = ol_session_lost(session, &request->pool);
    code = judge(request, &model, session->folder, &unwatched, code);
    ol_model_end(&model);
    return code;
}

static int run(struct request *request, const struct ol_target *target)
{
    struct ol_session session;
    struct ol_launch launched;
    struct ol_paths records;
    const char *library = ol_library_find(&request->pool);
    ol_session_begin(&session, &request->pool, request->out);
    set_environment(request, target, library, session.folder);
    const struct ol_runtime *named = request->no_node_options
                                         ? NULL
                                         : ol_runtime_prepare(&request->pool, target->image);
    int code = launch(request, target, session.folder, &launched);
    ol_session_records(&session, &request->pool, &records);
    ol_runtime_finish(named, &records);
    if (launched.started)
        code = read_and_judge(request, &session, &records, code);
    ol_session_end(&session, &request->pool, &records, launched.left_count > 0);
    ol_folder_free(&records);
    return code;
}

/* Everything that can be wrong, before anything is started. */
static void check(struct request *request, struct ol_options *options)
{
    ol_words_check(options, &request->pool);
    request->forbids_loops = ol_words_forbid_loops(options->rules, &request->pool);
    for (size_t i = 0; i < request->output_count; i++)
        if (request->outputs[i].path)
            ol_words_check_file("report", request->outputs[i].path);
    if (request->source_root)
        ol_words_check_folder("source-root", request->source_root);
}

/* The verdict is ours: a process of the program knows neither the others nor the baseline. */
static void begin_verdict(struct request *request, const struct ol_options *options)
{
    if (request->terms.least < 0 && getenv("OFFLOOP_FAIL_ON"))
        request->terms.least = ol_choice_severity(options->fail_on);
    unsetenv("OFFLOOP_FAIL_ON");
    ol_verdict_begin(&request->terms, &request->pool);
}

int ol_run_main(int argc, char **argv)
{
    struct request request = {.terms = OL_VERDICT_TERMS, .wait = WAIT};
    struct ol_options options;
    struct ol_target target;
    ol_plain_start();
    ol_pool_begin(&request.pool);
    parse_command_line(&request, argc, argv);
    set_policy(&request, &request.pool);
    check(&request, &options);
    begin_verdict(&request, &options);
    int code = ol_target_find(&target, &request.pool, request.program[0]);
    if (!code)
        code = run(&request, &target);
    ol_pool_end(&request.pool);
    return code;
}
