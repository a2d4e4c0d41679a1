/* SPDX-License-Identifier: MIT */
/* From records to the model: loading, owners, fingerprints, merging, ordering, totals. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "record_fixture.h"
#include "report/fingerprint.h"
#include "report/group.h"
#include "report/load.h"
#include "report/number.h"
#include "report/owner.h"
#include "report/plain.h"

static struct record_fixture record;
static struct ol_model model;
static char path[] = "/tmp/offloop-model-XXXXXX";

static void begin(void)
{
    ol_plain_start();
    close(mkstemp(path));
    record_fixture_begin(&record);
    record_fixture_loop(&record);
    ol_model_begin(&model);
}

static void end(void)
{
    ol_model_end(&model);
    record_fixture_end(&record);
    unlink(path);
}

static void load(void)
{
    const char *paths[] = {path};
    record_fixture_write(&record, path, record.size);
    ol_load_files(&model, paths, 1);
}

TestSuite(report_model, .init = begin, .fini = end);

Test(report_model, a_site_comes_with_its_words)
{
    record_fixture_usual(&record);
    load();
    const struct ol_violation *violation = &model.violations[0];
    cr_assert_eq(model.violation_count, 1);
    cr_assert_str_eq(violation->rule, "sleep");
    cr_assert_str_eq(violation->kind, "blocking");
    cr_assert_str_eq(violation->culprit->function, "handle");
    cr_assert_str_eq(violation->owner, "app");
    cr_assert_eq(violation->frame_count, 4);
    cr_assert_eq(violation->first_ns, 1763907663000000042);
    cr_assert_str_eq(ol_number_stamp(&model.pool, violation->first_ns),
                     "2025-11-23T14:21:03.000000042Z");
}

Test(report_model, quantiles_come_from_the_histogram)
{
    load();
    const struct ol_loop *loop = &model.runs->loops[0];
    cr_assert(loop->p50_ns >= 1000000 && loop->p50_ns < 1250000, "%lu",
              (unsigned long)loop->p50_ns);
    cr_assert(loop->p99_ns < 1250000);
    cr_assert_eq(loop->longest_turn_ns, 200000000);
}

Test(report_model, the_same_site_of_two_processes_is_one)
{
    struct ol_site_entry *first = record_fixture_usual(&record),
                         *second = record_fixture_usual(&record);
    first->first_ns = 9000000000;
    second->pid = 4712;
    second->max_ns = 900000000;
    second->severity = OL_SEVERITY_warning;
    load();
    ol_group_merge(&model);
    cr_assert_eq(model.violation_count, 1);
    cr_assert_eq(model.violations[0].count, 6);
    cr_assert_eq(model.violations[0].total_ns, 3000000000);
    cr_assert_eq(model.violations[0].max_ns, 900000000);
    cr_assert_eq(model.violations[0].pid, 4712, "the longest hit's words are kept");
    cr_assert_eq(model.violations[0].first_ns, 1763907663000000042);
    cr_assert_eq(model.violations[0].severity, OL_SEVERITY_error);
    cr_assert_eq(model.totals.hits, 6);
    cr_assert_eq(model.totals.by_severity[OL_SEVERITY_error], 6);
}

Test(report_model, of_equal_hits_the_earliest_is_shown)
{
    struct ol_site_entry *late = record_fixture_usual(&record),
                         *early = record_fixture_usual(&record);
    late->first_ns = 9000000000;
    late->argument = record_fixture_string(&record, "late");
    early->argument = record_fixture_string(&record, "early");
    load();
    ol_group_merge(&model);
    cr_assert_str_eq(model.violations[0].argument, "early");
}

Test(report_model, lines_folders_and_pids_have_no_part_in_the_id)
{
    record_fixture_usual(&record);
    struct ol_site_entry *moved = record_fixture_site(&record);
    record_fixture_frame(&record, moved, "handle", "/tmp/xyz123/app.py", 82, OL_CODE_user)
        ->loaded_as = record_fixture_string(&record, "__main__");
    moved->culprit = 0;
    moved->pid = 99;
    moved->argument = record_fixture_string(&record, "1 s");
    load();
    cr_assert_str_eq(model.violations[0].id, model.violations[1].id);
    cr_assert_eq(strlen(model.violations[0].id), OL_FINGERPRINT_DIGITS);
}

Test(report_model, a_renamed_culprit_is_another_site)
{
    struct ol_site_entry *site = record_fixture_usual(&record),
                         *other = record_fixture_usual(&record);
    struct ol_frame_entry *frames = (void *)(record.bytes +
                                             record.header->sections[OL_SECTION_frames].offset);
    frames[other->first_frame].function = record_fixture_string(&record, "handler");
    load();
    cr_assert_str_neq(model.violations[0].id, model.violations[1].id);
    cr_assert_eq(site->count, 3);
}

Test(report_model, an_id_is_what_its_documentation_says)
{
    /* printf 'sleep\ntime.sleep\napp.py\nhandle\n' | sha256sum */
    record_fixture_usual(&record);
    load();
    cr_assert_str_eq(model.violations[0].id, "4c4456f3584d0b1c");
}

Test(report_model, worst_is_by_time_count_or_max)
{
    enum ol_group_order order;
    struct ol_site_entry *often = record_fixture_site(&record),
                         *once = record_fixture_site(&record);
    often->rule = record_fixture_string(&record, "often");
    often->count = 1000;
    often->total_ns = 5;
    once->rule = record_fixture_string(&record, "once");
    once->max_ns = once->total_ns = 1000000000;
    once->count = 1;
    record_fixture_usual(&record); /* 1.5 s, at most 510 ms */
    load();
    ol_group_merge(&model);
    ol_group_sort(&model, OL_GROUP_BY_TIME);
    cr_assert_str_eq(model.violations[0].rule, "sleep");
    ol_group_sort(&model, OL_GROUP_BY_COUNT);
    cr_assert_str_eq(model.violations[0].rule, "often");
    ol_group_sort(&model, OL_GROUP_BY_MAX);
    cr_assert_str_eq(model.violations[0].rule, "once");
    cr_assert(ol_group_parse("max", &order) && order == OL_GROUP_BY_MAX);
    cr_assert_not(ol_group_parse("size", &order));
}

Test(report_model, a_filter_hides_and_the_totals_stay)
{
    record_fixture_usual(&record);
    record_fixture_site(&record)->severity = OL_SEVERITY_note;
    load();
    ol_group_merge(&model);
    ol_group_filter(&model, OL_SEVERITY_warning);
    cr_assert_eq(model.violation_count, 1);
    cr_assert_eq(model.hidden, 1);
    cr_assert_eq(model.totals.sites, 2);
}

Test(report_model, what_was_dropped_is_added_up)
{
    record.header->hits_lost = 7;
    record.header->sections[OL_SECTION_sites].lost = 7;
    record.header->sections[OL_SECTION_frames].lost = 2;
    load();
    ol_group_merge(&model);
    cr_assert_eq(model.totals.dropped, 9);
    cr_assert_eq(model.totals.hits, 7);
}

Test(report_model, a_file_that_is_no_record_is_counted)
{
    const char *paths[] = {"/dev/null", "/nonexistent", path};
    record_fixture_write(&record, path, record.size);
    ol_load_files(&model, paths, 3);
    cr_assert_eq(model.unreadable, 2);
    cr_assert_eq(model.run_count, 1);
}

Test(report_model, owners_are_names_that_their_owners_know)
{
    static const struct {
        const char *file, *module, *owner;
    } cases[] = {
        {"/srv/app.py", NULL, "app"},
        {"app.py", "__main__", "app"},
        {"/srv/shop/orders/views.py", "shop.orders.views", "shop"},
        {"/srv/shop/__main__.py", NULL, "shop"},
        {"/v/lib/python3.11/site-packages/requests/api.py", "requests.api", "requests"},
        {"/usr/lib/python3/dist-packages/six.py", NULL, "six"},
        {"<string>", NULL, "<string>"},
        {NULL, NULL, "?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ol_frame frame = {
            .kind = OL_FRAME_python, .file = cases[i].file, .module = cases[i].module};
        cr_expect_str_eq(ol_owner_name(&model.pool, &frame), cases[i].owner);
    }
    struct ol_frame native = {.kind = OL_FRAME_native, .module = "/usr/lib/libfoo.so.1"};
    cr_expect_str_eq(ol_owner_name(&model.pool, &native), "libfoo.so.1");
}

Test(report_model, what_twenty_programs_say_is_said_once)
{
    struct ol_blind_spot_entry *spot = record_fixture_entry(&record, OL_SECTION_blind_spots);
    spot->what = record_fixture_string(&record, "libuv inside the program");
    spot->why = record_fixture_string(&record, "the program defines these functions");
    struct ol_suppressed_entry *allow = record_fixture_entry(&record, OL_SECTION_suppressed);
    allow->rule = record_fixture_string(&record, "allow open");
    allow->hits = 3;
    record_fixture_usual(&record);
    for (int i = 0; i < 20; i++)
        load();
    ol_group_merge(&model);
    cr_assert_eq(model.sums.note_count, 1);
    cr_assert_eq(model.sums.notes[0].runs, 20);
    cr_assert_eq(model.sums.suppressed_count, 1);
    cr_assert_eq(model.sums.suppressed_hits, 60);
    cr_assert_eq(model.sums.suppressed_used, 1);
}

Test(report_model, sums_by_rule_are_of_what_is_shown_and_totals_of_all)
{
    record_fixture_usual(&record);
    load();
    ol_group_merge(&model);
    cr_assert_eq(model.sums.rule_count, 1);
    cr_assert_str_eq(model.sums.rules[0].rule, "sleep");
    cr_assert_eq(model.sums.rules[0].hits, 3);
    ol_group_filter(&model, OL_SEVERITY_COUNT);
    cr_assert_eq(model.totals.hits, 3);
    cr_assert_eq(model.sums.rules[0].hits, 0);
    cr_assert_eq(model.sums.rules[0].all_hits, 3);
}
