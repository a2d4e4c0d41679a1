/* SPDX-License-Identifier: MIT */
/* The record reader: what is whole is read, what is not is named, nothing is believed. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record_fixture.h"
#include "report/reader.h"

static struct record_fixture record;
static struct ol_reader reader;
static char path[] = "/tmp/offloop-reader-XXXXXX";

static void begin(void)
{
    close(mkstemp(path));
    record_fixture_begin(&record);
    record_fixture_loop(&record);
    record_fixture_usual(&record);
}

static void end(void)
{
    record_fixture_end(&record);
    unlink(path);
}

static bool open_first(size_t size)
{
    record_fixture_write(&record, path, size);
    return ol_reader_open(&reader, path);
}

static struct ol_site_entry *site_in_file(void)
{
    return (void *)(record.bytes + record.header->sections[OL_SECTION_sites].offset);
}

static const struct ol_frame_entry *frames_of(const struct ol_site_entry *site, size_t *count)
{
    struct ol_reader_shown shown = ol_reader_shown(&reader, site);
    return ol_reader_frames(&reader, &shown, count);
}

/* Asks for everything that there is. */
static void read_all(void)
{
    for (uint32_t i = 0; i < 2000; i++) {
        size_t count;
        const struct ol_site_entry *site = ol_reader_site(&reader, i);
        if (site && frames_of(site, &count))
            ol_reader_string(&reader, site->rule);
        ol_reader_loop(&reader, i);
        ol_reader_module(&reader, i);
        ol_reader_process(&reader, i);
        ol_reader_blind_spot(&reader, i);
        ol_reader_suppressed(&reader, i);
        ol_reader_string(&reader, i * 7919);
    }
    ol_reader_close(&reader);
}

TestSuite(report_reader, .init = begin, .fini = end);

Test(report_reader, a_whole_record_is_read_without_complaint)
{
    size_t count;
    cr_assert(open_first(record.size));
    const struct ol_site_entry *site = ol_reader_site(&reader, 0);
    cr_assert_not_null(site);
    cr_assert_str_eq(ol_reader_string(&reader, site->api), "time.sleep");
    const struct ol_frame_entry *frames = frames_of(site, &count);
    cr_assert_eq(count, 4);
    cr_assert_eq(frames[0].line, 42);
    cr_assert_eq(reader.damage_count, 0);
    ol_reader_close(&reader);
}

Test(report_reader, an_entry_that_is_not_ready_is_skipped)
{
    site_in_file()->state = OL_ENTRY_writing;
    cr_assert(open_first(record.size));
    cr_assert_null(ol_reader_site(&reader, 0));
    cr_assert_eq(reader.damage_count, 0);
    ol_reader_close(&reader);
}

Test(report_reader, used_beyond_capacity_is_no_damage)
{
    record.header->sections[OL_SECTION_blind_spots].used = 5000;
    record.header->sections[OL_SECTION_blind_spots].lost = 4992;
    cr_assert(open_first(record.size));
    cr_assert_eq(reader.damage_count, 0);
    cr_assert_eq(ol_reader_lost(&reader, OL_SECTION_blind_spots), 4992);
    ol_reader_close(&reader);
}

Test(report_reader, a_missing_file_says_why)
{
    cr_assert_not(ol_reader_open(&reader, "/nonexistent/x.offloop"));
    cr_assert_str_eq(reader.damage, "No such file or directory");
}

Test(report_reader, another_version_names_both)
{
    record.header->version = 77;
    cr_assert_not(open_first(record.size));
    cr_assert(strstr(reader.damage, "version 77") && strstr(reader.damage, "version 2"), "%s",
              reader.damage);
}

Test(report_reader, something_else_is_no_record)
{
    memcpy(record.header->magic, "\177ELF", 4);
    cr_assert_not(open_first(record.size));
    cr_assert_str_eq(reader.damage, "is not an offloop record");
}

Test(report_reader, a_fifo_does_not_hang_it)
{
    unlink(path);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_not(ol_reader_open(&reader, path));
    cr_assert_str_eq(reader.damage, "is not a regular file");
}

Test(report_reader, a_file_cut_anywhere_never_breaks_it)
{
    for (size_t size = 0; size < record.size; size += size < 4096 ? 97 : 9973)
        if (open_first(size)) {
            cr_assert_gt(reader.damage_count, 0);
            read_all();
        }
}

Test(report_reader, what_stands_before_the_cut_is_still_read)
{
    cr_assert(open_first(record.header->sections[OL_SECTION_sites].offset +
                         10 * sizeof(struct ol_site_entry)));
    cr_assert_not_null(ol_reader_site(&reader, 0));
    cr_assert_not_null(ol_reader_loop(&reader, 0));
    cr_assert(strstr(reader.damage, "cut at"), "%s", reader.damage);
    ol_reader_close(&reader);
}

Test(report_reader, a_stack_beyond_the_frames_is_cut_and_named)
{
    size_t count;
    site_in_file()->first_frame = 2;
    site_in_file()->frame_count = 60000;
    cr_assert(open_first(record.size));
    frames_of(ol_reader_site(&reader, 0), &count);
    cr_assert_eq(count, 2);
    cr_assert(strstr(reader.damage, "stack of 60000 frames"), "%s", reader.damage);
    ol_reader_close(&reader);
}

Test(report_reader, the_longest_hit_is_shown_once_it_is_written)
{
    size_t count;
    struct ol_site_entry *written = site_in_file();
    written->worst[1] = (struct ol_site_worst){
        .argument = written->rule, .first_frame = 1, .frame_count = 3, .culprit = 1};
    cr_assert(open_first(record.size));
    cr_assert_eq(frames_of(ol_reader_site(&reader, 0), &count)[0].line, 42);
    ol_reader_close(&reader);
    written->shown = 2;
    cr_assert(open_first(record.size));
    const struct ol_site_entry *site = ol_reader_site(&reader, 0);
    struct ol_reader_shown shown = ol_reader_shown(&reader, site);
    frames_of(site, &count);
    cr_assert_eq(count, 3);
    cr_assert_eq(shown.culprit, 1);
    cr_assert_eq(shown.argument, site->rule);
    cr_assert_eq(reader.damage_count, 0);
    ol_reader_close(&reader);
}

Test(report_reader, a_longest_hit_that_is_none_is_damage_and_the_first_is_shown)
{
    size_t count;
    site_in_file()->shown = 3;
    cr_assert(open_first(record.size));
    cr_assert_eq(frames_of(ol_reader_site(&reader, 0), &count)[0].line, 42);
    cr_assert_eq(count, 4);
    cr_assert(strstr(reader.damage, "the longest hit is number 3 of 2"), "%s", reader.damage);
    ol_reader_close(&reader);
}

Test(report_reader, a_string_without_end_is_none)
{
    struct ol_section *strings = &record.header->sections[OL_SECTION_strings];
    memset(record.bytes + strings->offset, 'x', strings->capacity);
    strings->used = strings->capacity;
    cr_assert(open_first(record.size));
    cr_assert_null(ol_reader_string(&reader, 1));
    cr_assert_null(ol_reader_string(&reader, strings->capacity - 1));
    cr_assert_null(ol_reader_string(&reader, UINT32_MAX));
    cr_assert_eq(reader.damage_count, 3);
    ol_reader_close(&reader);
}

Test(report_reader, words_that_are_none_cost_their_site_only)
{
    record_fixture_usual(&record);
    site_in_file()->severity = 200;
    cr_assert(open_first(record.size));
    cr_assert_null(ol_reader_site(&reader, 0));
    cr_assert_not_null(ol_reader_site(&reader, 1));
    cr_assert_eq(reader.damage_count, 1);
    ol_reader_close(&reader);
}

Test(report_reader, sections_that_lie_are_refused)
{
    record.header->sections[OL_SECTION_sites].entry_size = 4;
    record.header->sections[OL_SECTION_loops].offset = UINT64_MAX - 7;
    record.header->sections[OL_SECTION_frames].entry_size = 0;
    record.header->sections[OL_SECTION_modules].used = 3;
    record.header->sections[OL_SECTION_modules].offset = 12345;
    cr_assert(open_first(record.size));
    cr_assert_eq(reader.damage_count, 4);
    read_all();
}

Test(report_reader, flipped_bytes_never_break_it, .timeout = 60)
{
    unsigned char *kept = malloc(record.size);
    memcpy(kept, record.bytes, record.size);
    srand(1);
    for (int round = 0; round < 400; round++) {
        for (int i = 0; i < 40; i++)
            record.bytes[16 + (size_t)rand() % (round % 2 ? sizeof(struct ol_record) - 16
                                                          : 40000)] = (unsigned char)rand();
        if (open_first(record.size))
            read_all();
        memcpy(record.bytes, kept, record.size);
    }
    free(kept);
}
