/* SPDX-License-Identifier: MIT */
/* `offloop report`: records in, a report out. */
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "exit.h"
#include "formats/format.h"
#include "group.h"
#include "load.h"
#include "output.h"
#include "place.h"
#include "plain.h"
#include "records.h"
#include "say.h"
#include "setting.h"
#include "verdict.h"
#include "words.h"

struct request {
    struct obstack pool;
    struct ol_output output;
    enum ol_group_order order;
    struct ol_lookup lookup;
    struct ol_verdict_terms terms;
    struct ol_records records;
};

enum { KEY_FORMAT = 0x100, KEY_SORT, KEY_SYSROOT, KEY_DEBUG_DIR };

static const struct argp_option fixed_options[] = {
    {"format", KEY_FORMAT, "FORMAT", 0, NULL, 0}, /* from the table of formats */
    {"output", 'o', "FILE", 0, "write to FILE instead of standard output", 0},
    OL_RECORDS_OPTIONS,
    {"sort", KEY_SORT, "ORDER", 0, "worst first by time (default), count or max", 0},
    {"sysroot", KEY_SYSROOT, "FOLDER", 0,
     "look for programs, libraries and sources below FOLDER, as for records of a container", 0},
    {"debug-dir", KEY_DEBUG_DIR, "FOLDER", 0,
     "look for separate debug files in FOLDER too; can be repeated", 0},
    OL_VERDICT_OPTIONS,
    {0},
};

static void set_format(struct request *request, struct argp_state *state, const char *word)
{
    const char *trouble, *path = request->output.path;
    if (strchr(word, '=') || !ol_output_parse(&request->output, &request->pool, word, &trouble))
        ol_say_exit(OL_EXIT_USAGE, "--format: %s",
                    strchr(word, '=') ? "takes a format alone; the file is given by -o" : trouble);
    request->output.path = path;
}

static void set_lookup(struct request *request, struct argp_state *state, int key,
                       const char *folder)
{
    struct ol_lookup *lookup = &request->lookup;
    struct stat status;
    if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))
        ol_say_exit(OL_EXIT_USAGE, "%s: no such folder", folder);
    folder = ol_setting_absolute(&request->pool, folder); /* libdwfl takes no other for build-ids */
    if (key == KEY_SYSROOT)
        lookup->sysroot = folder;
    else
        lookup->debug_dirs = lookup->debug_dirs ? ol_pool_format(&request->pool, "%s:%s",
                                                                 lookup->debug_dirs, folder)
                                                : folder;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_FORMAT:
        set_format(request, state, value);
        return 0;
    case 'o':
        request->output.path = value;
        return 0;
    case KEY_SORT:
        if (!ol_group_parse(value, &request->order))
            ol_say_exit(OL_EXIT_USAGE, "--sort: unknown order '%s': time, count or max", value);
        return 0;
    case KEY_SYSROOT:
    case KEY_DEBUG_DIR:
        set_lookup(request, state, key, value);
        return 0;
    default:
        return ol_verdict_parse(&request->terms, key, value, state) == 0
                   ? 0
                   : ol_records_parse(&request->records, key, value, state);
    }
}

static void parse_command_line(struct request *request, int argc, char **argv)
{
    struct obstack *pool = &request->pool;
    struct argp_option *options = ol_pool_array(pool, sizeof fixed_options / sizeof *fixed_options,
                                                sizeof *fixed_options);
    memcpy(options, fixed_options, sizeof fixed_options);
    options[0].doc = ol_pool_format(pool, "%s (default: text)", ol_format_names(pool));
    const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[RECORD|FOLDER...]",
        .doc = ol_pool_format(
            pool,
            "Shows what records say: each place that blocks a loop once, worst first.\v"
            "Without RECORD or FOLDER: the newest run below $OFFLOOP_OUT or offloop-out. A FOLDER "
            "stands for all the records in it; the same violation of several processes is shown once, "
            "with its counts added.\n\nFormats:\n%s",
            ol_format_help(pool)),
    };
    ol_command_parse(&argp, argc, argv, 0, request);
}

static int write_report(struct request *request, struct ol_model *model)
{
    ol_load_files(model, request->records.paths.items, request->records.paths.count);
    ol_group_merge(model);
    ol_verdict_apply(&request->terms, model);
    ol_group_filter(model, (enum ol_severity)request->records.least);
    ol_group_sort(model, request->order);
    if (model->run_count && !ol_output_write(&request->output, model))
        return OL_EXIT_OWN;
    struct ol_verdict verdict = ol_verdict_judge(&request->terms, model, true);
    ol_verdict_say(&verdict, verdict.code, NULL);
    bool nothing = !model->run_count && verdict.code == OL_EXIT_OK;
    return nothing ? OL_EXIT_OWN : verdict.code; /* each file's trouble has been told */
}

int ol_report_main(int argc, char **argv)
{
    struct request request = {.terms = OL_VERDICT_TERMS};
    const char *trouble;
    struct ol_model model;
    ol_plain_start();
    ol_pool_begin(&request.pool);
    request.records.pool = &request.pool;
    ol_output_parse(&request.output, &request.pool, "text", &trouble);
    parse_command_line(&request, argc, argv);
    if (request.output.path)
        ol_words_check_file("output", request.output.path);
    ol_verdict_begin(&request.terms, &request.pool);
    ol_records_find(&request.records);
    ol_model_begin(&model);
    model.lookup = request.lookup;
    ol_place_open(&model, request.records.source_root);
    int code = write_report(&request, &model);
    ol_model_end(&model);
    ol_folder_free(&request.records.paths);
    ol_pool_end(&request.pool);
    return code;
}
