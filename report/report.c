/* `offloop report`: records in, a report out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "exit.h"
#include "folder.h"
#include "gate.h"
#include "group.h"
#include "load.h"
#include "output.h"
#include "plain.h"
#include "say.h"

struct request {
    struct obstack pool;
    struct ol_output output;
    int least;   /* severity shown */
    int fail_on; /* severity, OL_SEVERITY_COUNT for never */
    enum ol_group_order order;
    struct ol_paths records;
    bool named; /* records or folders were given */
};

enum { KEY_FORMAT = 0x100, KEY_MIN_SEVERITY, KEY_SORT, KEY_FAIL_ON };

static const struct argp_option options[] = {
    {"format", KEY_FORMAT, "FORMAT", 0, "text or json (default: text)", 0},
    {"output", 'o', "FILE", 0, "write to FILE instead of standard output", 0},
    {"min-severity", KEY_MIN_SEVERITY, "SEVERITY", 0,
     "show sites of SEVERITY and worse only: error, warning or note", 0},
    {"sort", KEY_SORT, "ORDER", 0, "worst first by time (default), count or max", 0},
    {"fail-on", KEY_FAIL_ON, "SEVERITY", 0,
     "exit 66 where there are sites of SEVERITY or worse: never (default), error, warning or note",
     0},
    {0},
};

static void set_format(struct request *request, struct argp_state *state, const char *word)
{
    const char *trouble, *path = request->output.path;
    if (strchr(word, '=') || !ol_output_parse(&request->output, &request->pool, word, &trouble))
        argp_error(state, "--format: %s",
                   strchr(word, '=') ? "takes a format alone; the file is given by -o" : trouble);
    request->output.path = path;
}

static void add_records(struct request *request, struct argp_state *state, const char *path)
{
    struct stat status;
    request->named = true;
    if (stat(path, &status) != 0)
        argp_error(state, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode)) {
        request->records.items = ol_say_realloc(request->records.items, request->records.count + 1,
                                                sizeof(char *));
        request->records.items[request->records.count++] = path;
    } else if (!ol_folder_list(&request->records, &request->pool, path)) {
        ol_say_exit(OL_EXIT_OWN, "%s: %s", path, strerror(errno));
    }
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
    case KEY_MIN_SEVERITY:
        request->least = ol_command_severity(state, "min-severity", value);
        return 0;
    case KEY_SORT:
        if (!ol_group_parse(value, &request->order))
            argp_error(state, "--sort: '%s' is no order: time, count or max", value);
        return 0;
    case KEY_FAIL_ON:
        request->fail_on = ol_command_severity(state, "fail-on", value);
        return 0;
    case ARGP_KEY_ARG:
        add_records(request, state, value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[RECORD|FOLDER...]",
    .doc = "Shows what records say: each place that blocks a loop once, worst first."
           "\vWithout RECORD or FOLDER: the newest run below $OFFLOOP_OUT or offloop-out. A FOLDER "
           "stands for all the records in it; "
           "the same site of several processes is shown once, with its counts added.",
};

static void find_records(struct request *request)
{
    const char *base = getenv("OFFLOOP_OUT");
    base = base && *base ? base : "offloop-out";
    if (!request->named)
        ol_folder_newest(&request->records, &request->pool, base);
    if (!request->records.count)
        ol_say_exit(OL_EXIT_USAGE, "no record in %s: start a program with: offloop run -- PROG",
                    request->named ? "the folders given" : base);
}

static int write_report(struct request *request, struct ol_model *model)
{
    ol_load_files(model, request->records.items, request->records.count);
    if (!model->run_count)
        return OL_EXIT_OWN; /* each file's trouble has been told */
    ol_group_merge(model);
    ol_group_filter(model, (enum ol_severity)request->least);
    ol_group_sort(model, request->order);
    if (!ol_output_write(&request->output, model))
        return OL_EXIT_OWN;
    if (ol_gate_met(model, request->fail_on, OL_EXIT_GATE))
        return OL_EXIT_GATE;
    if (request->fail_on < OL_SEVERITY_COUNT && model->unreadable)
        ol_say_exit(OL_EXIT_OWN, "--fail-on can't pass: not every record could be read");
    return OL_EXIT_OK;
}

int ol_report_main(int argc, char **argv)
{
    struct request request = {.fail_on = OL_SEVERITY_COUNT};
    const char *trouble;
    struct ol_model model;
    ol_plain_start();
    ol_pool_begin(&request.pool);
    ol_output_parse(&request.output, &request.pool, "text", &trouble);
    ol_command_parse(&argp, argc, argv, 0, &request);
    find_records(&request);
    ol_model_begin(&model);
    int code = write_report(&request, &model);
    ol_model_end(&model);
    ol_folder_free(&request.records);
    ol_pool_end(&request.pool);
    return code;
}
