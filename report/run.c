/* SPDX-License-Identifier: MIT */
/* `offloop run`: a program under the library, then its reports and the verdict. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "closing.h"
#include "command.h"
#include "exit.h"
#include "group.h"
#include "judged.h"
#include "launch.h"
#include "library.h"
#include "load.h"
#include "output.h"
#include "place.h"
#include "plain.h"
#include "profile.h"
#include "run_request.h"
#include "runtime/runtime.h"
#include "say.h"
#include "session.h"
#include "target.h"
#include "unwatched.h"
#include "verdict.h"
#include "words.h"

/* A profile comes first: the user's own words are later, and later wins. */
static void set_policy(const struct ol_run_request *request, struct obstack *pool)
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

static void set_environment(struct ol_run_request *request, const struct ol_target *target,
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

static bool write_reports(const struct ol_run_request *request, struct ol_model *model)
{
    bool written = true;
    for (size_t i = 0; i < request->output_count; i++)
        written = ol_output_write(&request->outputs[i], model) && written;
    return written;
}

static void name_reports(const struct ol_run_request *request, struct obstack *pool)
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
static int judge(struct ol_run_request *request, struct ol_model *model, const char *folder,
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
static int launch_program(const struct ol_run_request *request, const struct ol_target *target,
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
static int launch(struct ol_run_request *request, const struct ol_target *target,
                  const char *folder, struct ol_launch *launch)
{
    int code = launch_program(request, target, launch, &request->pool);
    if (launch->started)
        ol_launch_wait(launch, &request->pool, request->wait, tell_of_wait);
    if (launch->left_count)
        tell_of_left(launch, &request->pool, folder);
    return code;
}

static int read_and_judge(struct ol_run_request *request, const struct ol_session *session,
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

static int run(struct ol_run_request *request, const struct ol_target *target)
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
static void check(struct ol_run_request *request, struct ol_options *options)
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
static void begin_verdict(struct ol_run_request *request, const struct ol_options *options)
{
    if (request->terms.least < 0 && getenv("OFFLOOP_FAIL_ON"))
        request->terms.least = ol_choice_severity(options->fail_on);
    unsetenv("OFFLOOP_FAIL_ON");
    ol_verdict_begin(&request->terms, &request->pool);
}

int ol_run_main(int argc, char **argv)
{
    struct ol_run_request request;
    struct ol_options options;
    struct ol_target target;
    ol_plain_start();
    ol_run_request_parse(&request, argc, argv);
    set_policy(&request, &request.pool);
    check(&request, &options);
    begin_verdict(&request, &options);
    int code = ol_target_find(&target, &request.pool, request.program[0]);
    if (!code)
        code = run(&request, &target);
    ol_pool_end(&request.pool);
    return code;
}
