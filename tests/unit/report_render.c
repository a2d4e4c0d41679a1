/* SPDX-License-Identifier: MIT */
/* Rendering: text and JSON, of ordinary and of hostile records. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record_fixture.h"
#include "report/formats/format.h"
#include "report/group.h"
#include "report/load.h"
#include "report/output.h"
#include "report/plain.h"

static struct record_fixture record;
static struct ol_loop_entry *loop;
static char path[] = "/tmp/offloop-render-XXXXXX";
static char *text;
static json_t *json;

static void begin(void)
{
    unsetenv("COLUMNS");
    close(mkstemp(path));
    record_fixture_begin(&record);
    loop = record_fixture_loop(&record);
}

static void end(void)
{
    free(text);
    json_decref(json);
    record_fixture_end(&record);
    unlink(path);
}

static char *render(const char *format)
{
    const char *paths[] = {path};
    struct ol_model model;
    char *bytes;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);
    record_fixture_write(&record, path, record.size);
    ol_plain_start();
    ol_model_begin(&model);
    ol_load_files(&model, paths, 1);
    ol_group_merge(&model);
    ol_group_sort(&model, OL_GROUP_BY_TIME);
    ol_format_find(format)->write(&model, out);
    fclose(out);
    ol_model_end(&model);
    return bytes;
}

static const char *sheet(void)
{
    free(text);
    return text = render("text");
}

/* The value at a path like "violations.0.culprit.file". */
static json_t *at(const char *where)
{
    if (!json) {
        json_error_t error;
        char *bytes = render("json");
        json = json_loads(bytes, 0, &error);
        cr_assert_not_null(json, "%s\n%s", error.text, bytes);
        free(bytes);
    }
    json_t *value = json;
    char *words = strdup(where), *state = NULL;
    for (char *word = strtok_r(words, ".", &state); word; word = strtok_r(NULL, ".", &state))
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(word))
                                     : json_object_get(value, word);
    free(words);
    return value;
}

static const char *string_at(const char *where)
{
    return json_string_value(at(where));
}

static void make_hostile(void)
{
    struct ol_site_entry *site = record_fixture_usual(&record);
    site->argument = record_fixture_string(&record, "/x\033]0;owned\a\xff\n\xe2\x80\xae");
    site->api = record_fixture_string(&record, "evil\r\x9b"
                                               "31m");
    site->hint = record_fixture_string(&record, "\033[2J do \a this");
    site->rule = record_fixture_string(&record, "ru\033le");
    memcpy(site->thread, "\033[31mMainThread-", sizeof site->thread);
    record_fixture_frame(&record, site, "f\033\x80", "/srv/\xc3(/\033.py", 1, OL_CODE_user);
    record.header->argv = record_fixture_string(&record, "python3 \033[31m\xff");
}

TestSuite(report_render, .init = begin, .fini = end);

Test(report_render, text_names_call_culprit_and_way_out)
{
    record_fixture_usual(&record);
    sheet();
    cr_assert(strstr(text, "time.sleep(500 ms)"), "%s", text);
    cr_assert(strstr(text, "app.py:42 in handle [app]"), "%s", text);
    cr_assert(strstr(text, "1.5 s lost in 3 hits, mean 500 ms, max 510 ms"), "%s", text);
    cr_assert(strstr(text, "did block"), "%s", text);
    cr_assert(strstr(text, "await asyncio.sleep()"), "%s", text);
    cr_assert(strstr(text, "2 frames in "), "%s", text);
}

/* A wrong thread is wrong however long the call takes. */
Test(report_render, calls_on_a_wrong_thread_are_not_said_to_block)
{
    static const struct {
        enum ol_kind kind;
        const char *words;
    } kinds[] = {{OL_KIND_loop_only, "not on the thread of its loop"},
                 {OL_KIND_off_loop_only, "on the thread of the loop"},
                 {OL_KIND_misuse, "misuse of the loop"}};
    struct ol_site_entry *site = record_fixture_usual(&record);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        site->kind = (uint8_t)kinds[i].kind;
        cr_assert(strstr(sheet(), kinds[i].words), "%s", text);
        char *page = render("html");
        cr_assert(strstr(page, kinds[i].words), "%s", kinds[i].words);
        cr_assert_not(strstr(text, "block:") || strstr(text, "may block"), "%s", text);
        cr_assert_not(strstr(page, "\"may block") || strstr(page, "\"did block"));
        free(page);
    }
}

Test(report_render, text_of_a_clean_run_says_so)
{
    cr_assert(strstr(sheet(), "offloop: no violations on 1 loop thread\n"), "%s", text);
}

Test(report_render, text_counts_the_loops_of_a_thread)
{
    loop->loops = 200;
    cr_assert(strstr(sheet(), "no violations on 1 loop thread (200 loops)\n"), "%s", text);
    cr_assert(strstr(text, "(MainThread, epoll_wait): 200 loops, 101 turns"), "%s", text);
}

Test(report_render, text_counts_the_threads_that_share_an_entry)
{
    loop->tid = 0;
    loop->loops = loop->threads = 173;
    cr_assert(strstr(sheet(), "173 more loop threads (epoll_wait): 101 turns"), "%s", text);
    cr_assert(strstr(text, "no violations on 173 loop threads\n"), "%s", text);
}

Test(report_render, a_loop_without_a_turn_is_no_clean_bill)
{
    loop->turns = 0;
    sheet();
    cr_assert(strstr(text, "waited, no turn was seen"), "%s", text);
    cr_assert(strstr(text, "nothing was judged"), "%s", text);
    cr_assert_null(strstr(text, "no violations"));
}

Test(report_render, a_loop_in_its_first_turn_is_judged)
{
    loop->turns = 0;
    loop->turn_began_ns = 1;
    cr_assert(strstr(sheet(), "no violations on 1 loop thread\n"), "%s", text);
}

Test(report_render, text_without_a_loop_is_no_clean_bill)
{
    record.header->sections[OL_SECTION_loops].used = 0;
    sheet();
    cr_assert(strstr(text, "no loop thread was found"), "%s", text);
    cr_assert_null(strstr(text, "no violations"));
}

Test(report_render, text_is_loud_about_what_was_dropped)
{
    record.header->hits_lost = 12345;
    cr_assert(strstr(sheet(), "INCOMPLETE: 12,345 hits"), "%s", text);
    cr_assert_null(strstr(text, "no violations"));
}

Test(report_render, nothing_raw_reaches_the_terminal)
{
    make_hostile();
    for (const unsigned char *c = (const unsigned char *)sheet(); *c; c++)
        cr_assert(*c == '\n' || (*c >= ' ' && *c != 0x7f), "byte %02x in %s", *c, text);
    cr_assert(strstr(text, "\\x1b"), "%s", text);
}

Test(report_render, narrow_terminals_get_narrow_lines)
{
    setenv("COLUMNS", "40", 1);
    record_fixture_usual(&record);
    sheet();
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        cr_expect_leq(ol_plain_width(line), 40, "%s", line);
}

Test(report_render, json_has_the_names_that_others_hold_on_to)
{
    static const char *const names[] = {
        "schema",
        "offloop",
        "runs.0.pid",
        "runs.0.exe",
        "runs.0.argv",
        "runs.0.loops.0.tid",
        "runs.0.loops.0.name",
        "runs.0.loops.0.wait",
        "runs.0.loops.0.turns",
        "runs.0.loops.0.busy_ns",
        "runs.0.loops.0.longest_turn_ns",
        "runs.0.loops.0.p50_ns",
        "runs.0.loops.0.p99_ns",
        "runs.0.loops.0.stalls",
        "runs.0.blind_spots",
        "violations.0.id",
        "violations.0.rule",
        "violations.0.kind",
        "violations.0.family",
        "violations.0.severity",
        "violations.0.function",
        "violations.0.api",
        "violations.0.argument",
        "violations.0.action",
        "violations.0.blocked",
        "violations.0.count",
        "violations.0.total_ns",
        "violations.0.max_ns",
        "violations.0.first",
        "violations.0.last",
        "violations.0.pid",
        "violations.0.thread.tid",
        "violations.0.thread.name",
        "violations.0.thread.on_loop",
        "violations.0.phase",
        "violations.0.culprit.file",
        "violations.0.culprit.line",
        "violations.0.culprit.function",
        "violations.0.culprit.module",
        "violations.0.culprit.owner",
        "violations.0.stack.0.kind",
        "violations.0.stack.0.function",
        "violations.0.stack.0.file",
        "violations.0.stack.0.line",
        "violations.0.stack.0.module",
        "violations.0.stack.0.offset",
        "violations.0.stack.0.build_id",
        "violations.0.hint",
        "violations.0.help",
        "totals.sites",
        "totals.hits",
        "totals.time_ns",
        "totals.by_severity.error",
        "totals.by_rule.sleep",
        "totals.dropped",
        "totals.suppressed",
    };
    record_fixture_usual(&record);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_not_null(at(names[i]), "%s", names[i]);
    cr_assert_str_eq(string_at("schema"), "offloop.report/1");
    cr_assert_str_eq(string_at("violations.0.first"), "2025-11-23T14:21:03.000000042Z");
    cr_assert_eq(json_integer_value(at("totals.by_rule.sleep")), 3);
}

Test(report_render, json_escapes_what_is_no_utf8_and_drops_nothing)
{
    make_hostile();
    cr_assert_str_eq(string_at("violations.0.api"), "evil\r\\x9b31m");
    cr_assert_str_eq(string_at("violations.0.argument"), "/x\033]0;owned\a\\xff\n\xe2\x80\xae");
    cr_assert_str_eq(string_at("violations.0.thread.name"), "\033[31mMainThread-");
}

Test(report_render, json_adds_up_allow_rules_and_names_unused_ones)
{
    for (int i = 0; i < 3; i++) {
        struct ol_suppressed_entry *allow = record_fixture_entry(&record, OL_SECTION_suppressed);
        allow->rule = record_fixture_string(&record,
                                            i < 2 ? "allow open path=/proc/*" : "allow stat");
        allow->hits = i < 2 ? 5 : 0;
    }
    cr_assert_eq(json_integer_value(at("totals.suppressed.0.hits")), 10);
    cr_assert(json_is_true(at("totals.suppressed.1.unused")));
}

/* What no record holds, but debug information can. */
static char *megabyte(const char *end)
{
    char *bytes = malloc((1 << 20) + 64);
    for (size_t i = 0; i < 1 << 20; i++)
        bytes[i] = "/a<\xff\n;|%"[i % 9];
    strcpy(bytes + (1 << 20), end);
    return bytes;
}

Test(report_render, a_megabyte_of_path_is_just_text, .timeout = 60)
{
    const char *paths[] = {path};
    struct ol_model model;
    record_fixture_usual(&record);
    record_fixture_write(&record, path, record.size);
    ol_plain_start();
    ol_model_begin(&model);
    ol_load_files(&model, paths, 1);
    char *long_path = megabyte("/app.py");
    struct ol_frame culprit = *model.violations[0].culprit;
    const struct ol_frame *stack[] = {&culprit, &culprit};
    culprit.file = culprit.function = culprit.module = long_path;
    model.violations[0].culprit = &culprit;
    model.violations[0].frames = stack;
    model.violations[0].frame_count = 2;
    model.violations[0].argument = model.violations[0].api = long_path;
    ol_group_merge(&model);
    for (size_t i = 0; ol_format_at(i); i++) {
        struct ol_output output;
        const char *trouble;
        cr_assert(ol_output_parse(&output, &model.pool, ol_format_at(i)->name, &trouble));
        output.path = "/dev/null";
        cr_expect(ol_output_write(&output, &model), "%s", ol_format_at(i)->name);
    }
    ol_model_end(&model);
    free(long_path);
}
