/* SPDX-License-Identifier: MIT */
/* `offloop baseline`: the sites of records as a file of known ones. */
#include <errno.h>
#include <string.h>

#include "baseline.h"
#include "command.h"
#include "exit.h"
#include "group.h"
#include "load.h"
#include "place.h"
#include "plain.h"
#include "records.h"
#include "say.h"

struct request {
    struct obstack pool;
    const char *path;
    struct ol_records records;
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "write the baseline to FILE; the comments of one that is there stay",
     0},
    OL_RECORDS_OPTIONS,
    {0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct request *request = state->input;
    if (key == 'o')
        request->path = value;
    else if (key == ARGP_KEY_END && !request->path)
        ol_say_exit(OL_EXIT_USAGE, "to which file? as in: offloop baseline -o offloop.baseline");
    else
        return ol_records_parse(&request->records, key, value, state);
    return 0;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[RECORD|FOLDER...]",
    .doc =
        "Writes the violations of records to a file, one a line; offloop run and offloop report take "
        "it by --baseline and fail on new violations only.\vWithout RECORD or FOLDER: the newest run "
        "below $OFFLOOP_OUT or offloop-out. A FILE that is there becomes what the records say; "
        "comments of lines that stay are kept.",
};

/* As a verdict counts: what is on workers' loops is in no baseline. */
static size_t count_written(const struct ol_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->violation_count; i++)
        count += !model->violations[i].worker;
    return count;
}

static int write_baseline(struct request *request, struct ol_model *model)
{
    struct ol_baseline baseline;
    if (!ol_baseline_read(&baseline, &request->pool, request->path) && errno != ENOENT) {
        ol_say_line("%s: %s", request->path,
                    errno == EINVAL ? "is not a baseline, and stays as it is" : strerror(errno));
        return OL_EXIT_OWN;
    }
    ol_load_files(model, request->records.paths.items, request->records.paths.count);
    if (!model->run_count)
        return OL_EXIT_OWN; /* each file's trouble has been told */
    ol_group_merge(model);
    ol_group_filter(model, (enum ol_severity)request->records.least);
    ol_baseline_apply(&baseline, model);
    if (!ol_baseline_write(&baseline, model, true, true))
        return OL_EXIT_OWN;
    size_t count = count_written(model);
    ol_say_line("%zu violation%s in %s", count, count == 1 ? "" : "s", request->path);
    return model->unreadable ? OL_EXIT_OWN : OL_EXIT_OK;
}

int ol_baseline_main(int argc, char **argv)
{
    struct request request = {0};
    struct ol_model model;
    ol_plain_start();
    ol_pool_begin(&request.pool);
    request.records.pool = &request.pool;
    ol_command_parse(&argp, argc, argv, 0, &request);
    ol_records_find(&request.records);
    ol_model_begin(&model);
    ol_place_open(&model, request.records.source_root);
    int code = write_baseline(&request, &model);
    ol_model_end(&model);
    ol_folder_free(&request.records.paths);
    ol_pool_end(&request.pool);
    return code;
}
