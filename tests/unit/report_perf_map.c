/* SPDX-License-Identifier: MIT */
/* report/perf_map.c: whose code is at an address, by maps that anybody may have written. */
#include "report/perf_map.h"
#include "report/runtime/runtime.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char record[] = "/tmp/offloop-map-XXXXXX";
static char path[64];
static struct ol_perf_maps *maps;

static void begin(void)
{
    close(mkstemp(record));
    snprintf(path, sizeof path, "%s.7.map", record);
}

static void end(void)
{
    ol_perf_map_end(maps);
    unlink(path);
    unlink(record);
}

TestSuite(report_perf_map, .init = begin, .fini = end);

static void write_map(const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    maps = ol_perf_map_begin(record, 0);
}

static const char *name_at(uint64_t address)
{
    return ol_perf_map_find(maps, 7, address);
}

Test(report_perf_map, an_entry_covers_from_its_start_and_the_last_written_wins)
{
    write_map("1000 20 first\n0x1010 10 second one\n");
    cr_assert_null(name_at(0xfff));
    cr_assert_str_eq(name_at(0x1000), "first");
    cr_assert_str_eq(name_at(0x1010), "second one");
    cr_assert_str_eq(name_at(0x101f), "second one");
    cr_assert_null(name_at(0x1020));
}

Test(report_perf_map, the_last_byte_there_is_can_be_code)
{
    write_map("fffffffffffffff0 10 top\n");
    cr_assert_str_eq(name_at(UINT64_MAX), "top");
    cr_assert_null(name_at(0));
}

Test(report_perf_map, what_is_no_number_or_no_size_names_nothing)
{
    write_map("-2 10 signed\n1000 -2 signed\n+1000 10 signed\n1000 0 empty\n1000 10\n"
              "fffffffffffffff0 11 beyond\n1000 ffffffffffffffff beyond\n"
              "10000000000001000 10 long\n1000 10000000000000010 long\n\n one two three\n");
    cr_assert_null(name_at(0x1000));
    cr_assert_null(name_at(0x1008));
    cr_assert_null(name_at(UINT64_MAX - 2));
    cr_assert_null(name_at(0));
}

Test(report_perf_map, a_file_that_is_no_good_url_keeps_its_percent_signs)
{
    struct obstack pool;
    struct ol_frame frame = {.line = 0};
    ol_pool_begin(&pool);
    cr_assert(ol_runtime_name_made(&pool, "JS:~f file:///srv/a%20b%2/c%-1%.js:2:1", &frame));
    cr_assert_str_eq(frame.file, "/srv/a b%2/c%-1%.js");
    ol_pool_end(&pool);
}
