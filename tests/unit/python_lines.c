/* SPDX-License-Identifier: MIT */
/* python/lines.c: line tables, as compiled from one function by three CPythons (calls over
 * several lines, jumps of more than 127 lines, back and forth). The truth is what their own dis and
 * co_lines() say. */
#include "python/inside.h"

#include <criterion/criterion.h>

struct truth {
    int64_t at;
    uint32_t line;
};

/* CPython 3.9, first line 1. */
static const unsigned char lnotab[] = {
    0x00, 0x02, 0x02, 0x01, 0x02, 0xff, 0x04, 0x02, 0x08, 0x01, 0x04, 0x01,
    0x02, 0xff, 0x06, 0x7f, 0x00, 0x19, 0x02, 0x7f, 0x00, 0x0e, 0x02, 0x01,
    0x02, 0x80, 0x00, 0xf2, 0x02, 0x7f, 0x00, 0x10, 0x04, 0x80, 0x00, 0xf1,
};
static const struct truth lnotab_truth[] = {
    {0, 3},    {2, 4},    {4, 3},    {6, 3},    {8, 5},    {14, 5},   {16, 6},
    {18, 6},   {20, 7},   {22, 6},   {26, 6},   {28, 158}, {30, 299}, {32, 300},
    {34, 158}, {36, 301}, {38, 301}, {40, 158}, {42, 158},
};

/* CPython 3.10, first line 1. */
static const unsigned char linetable[] = {
    0x02, 0x02, 0x02, 0x01, 0x04, 0xff, 0x08, 0x02, 0x04, 0x01, 0x02, 0x01,
    0x06, 0xff, 0x00, 0x7f, 0x02, 0x19, 0x00, 0x7f, 0x02, 0x0e, 0x02, 0x01,
    0x00, 0x81, 0x02, 0xf1, 0x00, 0x7f, 0x04, 0x10, 0x00, 0x81, 0x04, 0xf0,
};
static const struct truth linetable_truth[] = {
    {0, 3},    {2, 4},    {4, 3},    {6, 3},    {8, 5},    {14, 5},   {16, 6},
    {18, 6},   {20, 7},   {22, 6},   {26, 6},   {28, 158}, {30, 299}, {32, 300},
    {34, 158}, {36, 301}, {38, 301}, {40, 158}, {42, 158},
};

/* CPython 3.12, first line 1. */
static const unsigned char locations[] = {
    0x80, 0x00, 0xe0, 0x09, 0x0a, 0xd8, 0x09, 0x0a, 0xf0, 0x03, 0x01, 0x09, 0x0c, 0x80, 0x41,
    0xe0, 0x0d, 0x0e, 0xf2, 0x00, 0x02, 0x05, 0x0d, 0x88, 0x01, 0xdc, 0x08, 0x09, 0x88, 0x21,
    0xd8, 0x0a, 0x0b, 0xf5, 0x03, 0x01, 0x09, 0x0d, 0xf0, 0x03, 0x02, 0x05, 0x0d, 0xf4, 0x72,
    0x04, 0x00, 0x0d, 0x0e, 0xf0, 0x5a, 0x04, 0x00, 0x09, 0x0a, 0xd8, 0x08, 0x09, 0xf3, 0x5d,
    0x04, 0x4e, 0x02, 0x0d, 0x0b, 0xf4, 0x5e, 0x04, 0x00, 0x07, 0x08, 0x83, 0x63, 0xf1, 0x5f,
    0x04, 0x4f, 0x02, 0x0d, 0x0a, 0xf0, 0x00, 0x4f, 0x02, 0x05, 0x0b,
};
static const struct truth locations_truth[] = {
    {0, 1},    {2, 3},    {4, 4},    {6, 3},    {8, 3},    {10, 5},   {18, 5},   {20, 6},
    {30, 6},   {32, 7},   {34, 6},   {44, 6},   {46, 5},   {48, 158}, {56, 158}, {58, 299},
    {60, 300}, {62, 158}, {68, 158}, {70, 301}, {86, 301}, {88, 158}, {92, 158},
};

static void expect(enum ol_pylines format, const unsigned char *table, size_t size,
                   const struct truth *truth, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t line = ol_pylines_find(format, table, size, 1, truth[i].at);
        cr_expect_eq(line, truth[i].line, "at %ld: line %u, not %u", (long)truth[i].at, line,
                     truth[i].line);
    }
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define EXPECT(format, table)                                                                      \
    expect(format, table, sizeof table, table##_truth, COUNT(table##_truth))

Test(python_lines, lnotab_of_3_9)
{
    EXPECT(OL_PYLINES_LNOTAB, lnotab);
}

Test(python_lines, linetable_of_3_10)
{
    EXPECT(OL_PYLINES_LINETABLE, linetable);
}

Test(python_lines, locations_from_3_11_on)
{
    EXPECT(OL_PYLINES_LOCATIONS, locations);
}

Test(python_lines, before_the_first_instruction_is_the_first_line)
{
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LNOTAB, lnotab, sizeof lnotab, 42, -1), 42);
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LOCATIONS, locations, sizeof locations, 42, -2), 42);
}

Test(python_lines, a_range_without_a_line_has_none)
{
    static const unsigned char none[] = {2, 0x80, 2, 1};
    static const unsigned char no_location[] = {0x80 | 15 << 3, 0x80 | 11 << 3, 0, 1};
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LINETABLE, none, sizeof none, 7, 0), 0);
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LINETABLE, none, sizeof none, 7, 2), 8);
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LOCATIONS, no_location, sizeof no_location, 7, 0), 0);
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LOCATIONS, no_location, sizeof no_location, 7, 2), 8);
}

Test(python_lines, a_cut_table_ends_quietly)
{
    for (size_t size = 0; size <= sizeof locations; size++)
        ol_pylines_find(OL_PYLINES_LOCATIONS, locations, size, 1, 1 << 20);
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LOCATIONS, NULL, 100, 1, 2), 0);
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LINETABLE, linetable, 3, 1, 1 << 20), 0);
}

Test(python_lines, tables_longer_than_the_window)
{
    static unsigned char many[1200]; /* 600 ranges of two bytes, a line each */
    for (size_t i = 0; i < sizeof many; i += 2) {
        many[i] = 2;
        many[i + 1] = 1;
    }
    cr_expect_eq(ol_pylines_find(OL_PYLINES_LINETABLE, many, sizeof many, 1, 599 * 2), 601);
}
