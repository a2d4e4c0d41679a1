/* SPDX-License-Identifier: MIT */
/* `offloop diff OLD NEW`: which sites are new, gone, or hit more often. */
#include <string.h>

#include "command.h"
#include "compare.h"
#include "exit.h"
#include "group.h"
#include "load.h"
#include "page.h"
#include "phrase.h"
#include "place.h"
#include "plain.h"
#include "records.h"
#include "say.h"
#include "stream.h"

struct request {
    struct obstack pool;
    int fail_on; /* severity */
    bool json;
    struct ol_records old, now;
};

enum { KEY_FORMAT = 0x100, KEY_FAIL_ON };

static const struct argp_option options[] = {
    {"format", KEY_FORMAT, "FORMAT", 0, "text (default) or json", 0},
    OL_RECORDS_OPTIONS,
    {"fail-on", KEY_FAIL_ON, "SEVERITY", 0,
     "exit 66 where violations of SEVERITY or worse are new or have grown: error, warning, note or "
     "never (default)",
     0},
    {0},
};

/* The options of records are those of the first; the second argument is the other side. */
static error_t parse_records(struct request *request, int key, const char *value,
                             struct argp_state *state)
{
    bool second = key == ARGP_KEY_ARG && state->arg_num;
    if (key == ARGP_KEY_ARG && state->arg_num > 1)
        ol_say_exit(OL_EXIT_USAGE, "compares two: '%s' is one too many", value);
    return ol_records_parse(second ? &request->now : &request->old, key, value, state);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_FORMAT:
        request->json = strcmp(value, "json") == 0;
        if (!request->json && strcmp(value, "text") != 0)
            ol_say_exit(OL_EXIT_USAGE, "--format: unknown format '%s': text or json", value);
        return 0;
    case KEY_FAIL_ON:
        request->fail_on = ol_command_severity(state, "fail-on", value);
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2)
            ol_say_exit(OL_EXIT_USAGE, "which two? as in: offloop diff OLD NEW");
        return 0;
    default:
        return parse_records(request, key, value, state);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "OLD NEW",
    .doc =
        "Compares two records, or folders of records: which violations are new, which are gone, and "
        "which are hit more often.\vGrown are violations that are hit at least half as often again "
        "per turn of the loops, where chance does not explain it. Times are not compared.",
};

static double rate(const struct ol_violation *violation, double exposure)
{
    return violation && exposure > 0 ? (double)violation->count / exposure : 0;
}

static void put_site(struct ol_page *page, struct ol_model *model,
                     const struct ol_comparison *comparison, const struct ol_changed *changed)
{
    static const enum ol_style styles[] = {OL_STYLE_ERROR, OL_STYLE_WARNING, OL_STYLE_GOOD};
    const struct ol_violation *site = changed->now ? changed->now : changed->old;
    page->indent = 6;
    ol_page_put(page, styles[changed->change], "%-6s", ol_compare_names[changed->change]);
    ol_page_put(page, OL_STYLE_PLAIN, "%-8s", ol_severity_names[site->severity]);
    ol_page_put(page, OL_STYLE_BOLD, "%s", ol_phrase_call(page->pool, site));
    ol_page_put(page, OL_STYLE_PLACE, " at %s", ol_phrase_place(model, site));
    ol_page_put(page, OL_STYLE_PLAIN, " in %s", ol_phrase_function(page->pool, site));
    if (changed->change == OL_CHANGE_GROWN)
        ol_page_put(page, OL_STYLE_PLAIN, ": %.3g -> %.3g hits per %s",
                    rate(changed->old, comparison->old_exposure),
                    rate(changed->now, comparison->exposure),
                    comparison->by_turns ? "1000 turns" : "record");
    ol_page_put(page, OL_STYLE_DIM, " (id %s)", site->id);
    ol_page_line(page, 0);
}

static void write_text(struct request *request, struct ol_model *models,
                       const struct ol_comparison *comparison)
{
    struct ol_page page;
    ol_page_begin(&page, stdout, &request->pool);
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->sites[i].change != OL_CHANGE_NONE)
            put_site(&page, &models[comparison->sites[i].now != NULL], comparison,
                     &comparison->sites[i]);
    page.indent = 0;
    for (int change = 0; change < OL_CHANGE_COUNT; change++)
        ol_page_put(&page, OL_STYLE_PLAIN, "%s%zu %s", change ? ", " : "",
                    comparison->counts[change], ol_compare_names[change]);
    ol_page_line(&page, 0);
}

static void put_change(struct ol_model *model, struct ol_stream *stream,
                       const struct ol_comparison *comparison, const struct ol_changed *changed)
{
    const struct ol_violation *site = changed->now ? changed->now : changed->old;
    struct obstack *pool = &model->pool;
    ol_stream_line(stream);
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "id", site->id);
    ol_stream_text(stream, "rule", ol_plain_text(pool, site->rule));
    ol_stream_text(stream, "severity", ol_severity_names[site->severity]);
    ol_stream_text(stream, "call", ol_phrase_call(pool, site));
    ol_stream_text(stream, "place", ol_phrase_place(model, site));
    ol_stream_text(stream, "function", ol_phrase_function(pool, site));
    ol_stream_real(stream, "old_rate", rate(changed->old, comparison->old_exposure));
    ol_stream_real(stream, "new_rate", rate(changed->now, comparison->exposure));
    ol_stream_close(stream, '}');
}

static void put_changes(struct ol_model *models, struct ol_stream *stream,
                        const struct ol_comparison *comparison, enum ol_change change)
{
    static const char *const names[] = {"new", "grown", "gone"};
    ol_stream_line(stream);
    ol_stream_open(stream, names[change], '[');
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->sites[i].change == change)
            put_change(&models[comparison->sites[i].now != NULL], stream, comparison,
                       &comparison->sites[i]);
    ol_stream_close(stream, ']');
}

static void write_json(struct ol_model *models, const struct ol_comparison *comparison)
{
    struct ol_stream stream;
    ol_stream_begin(&stream);
    ol_stream_open(&stream, NULL, '{');
    ol_stream_text(&stream, "schema", "offloop.diff/1");
    ol_stream_line(&stream);
    ol_stream_text(&stream, "rate",
                   comparison->by_turns ? "hits per 1000 turns" : "hits per record");
    for (int change = 0; change < OL_CHANGE_NONE; change++)
        put_changes(models, &stream, comparison, (enum ol_change)change);
    ol_stream_line(&stream);
    ol_stream_count(&stream, "as_before", comparison->counts[OL_CHANGE_NONE]);
    ol_stream_close(&stream, '}');
    ol_stream_flush(&stream, stdout);
    puts("");
    ol_stream_end(&stream);
}

static int judge(const struct request *request, const struct ol_comparison *comparison)
{
    size_t worse = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct ol_changed *changed = &comparison->sites[i];
        worse += changed->change <= OL_CHANGE_GROWN &&
                 (int)changed->now->severity >= request->fail_on;
    }
    if (!worse)
        return OL_EXIT_OK;
    ol_say_line("%zu violation%s of severity %s%s new or grown: exit code %d, by --fail-on", worse,
                worse == 1 ? "" : "s", ol_severity_names[request->fail_on],
                request->fail_on + 1 < OL_SEVERITY_COUNT ? " or worse" : "", OL_EXIT_FAILED);
    return OL_EXIT_FAILED;
}

static bool load(struct ol_model *model, const struct ol_records *records, int least)
{
    ol_load_files(model, records->paths.items, records->paths.count);
    ol_group_merge_lines(model);
    ol_group_filter(model, (enum ol_severity)least);
    return model->run_count && !model->unreadable; /* what is not has been told */
}

static int compare(struct request *request, struct ol_model *models)
{
    struct ol_comparison comparison;
    bool whole = load(&models[0], &request->old, request->old.least);
    whole = load(&models[1], &request->now, request->old.least) && whole;
    if (!whole)
        return OL_EXIT_OWN;
    ol_compare(&comparison, &request->pool, &models[0], &models[1]);
    if (request->json)
        write_json(models, &comparison);
    else
        write_text(request, models, &comparison);
    int code = ol_say_end(OL_EXIT_OK);
    return code == OL_EXIT_OK ? judge(request, &comparison) : code;
}

int ol_diff_main(int argc, char **argv)
{
    struct request request = {.fail_on = OL_SEVERITY_COUNT};
    struct ol_model models[2];
    ol_plain_start();
    ol_pool_begin(&request.pool);
    request.old.pool = request.now.pool = &request.pool;
    ol_command_parse(&argp, argc, argv, 0, &request);
    ol_records_find(&request.old);
    ol_records_find(&request.now);
    for (int i = 0; i < 2; i++) {
        ol_model_begin(&models[i]);
        ol_place_open(&models[i], request.old.source_root);
    }
    int code = compare(&request, models);
    for (int i = 0; i < 2; i++)
        ol_model_end(&models[i]);
    ol_folder_free(&request.old.paths);
    ol_folder_free(&request.now.paths);
    ol_pool_end(&request.pool);
    return code;
}
