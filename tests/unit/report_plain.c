/* SPDX-License-Identifier: MIT */
/* Bytes from records, made safe to show. */
#include <criterion/criterion.h>

#include "report/plain.h"
#include "report/pool.h"

static struct obstack pool;

static void begin(void)
{
    ol_plain_start();
    ol_pool_begin(&pool);
}

static void end(void)
{
    ol_pool_end(&pool);
}

TestSuite(report_plain, .init = begin, .fini = end);

Test(report_plain, words_stay_as_they_are)
{
    cr_assert_str_eq(ol_plain_text(&pool, "größe 値 /tmp/a b"), "größe 値 /tmp/a b");
}

Test(report_plain, control_characters_become_escapes)
{
    cr_assert_str_eq(ol_plain_text(&pool, "\033[31m\a\r\n\t\x7f"), "\\x1b[31m\\a\\r\\n\\t\\x7f");
}

Test(report_plain, eight_bit_controls_and_direction_marks_become_escapes)
{
    cr_assert_str_eq(ol_plain_text(&pool, "\xc2\x9b"
                                          "31m\xe2\x80\xae"
                                          "gpj"),
                     "\\u009b31m\\u202egpj");
}

Test(report_plain, bytes_that_are_no_utf8_are_kept_as_escapes)
{
    cr_assert_str_eq(ol_plain_text(&pool, "a\xff\xc3(\xe2\x80"), "a\\xff\\xc3(\\xe2\\x80");
    cr_assert_str_eq(ol_plain_utf8(&pool, "a\xff\xed\xa0\x80\n"), "a\\xff\\xed\\xa0\\x80\n");
}

Test(report_plain, width_counts_columns_not_bytes)
{
    cr_assert_eq(ol_plain_width("größe"), 5);
    cr_assert_eq(ol_plain_width("値"), 2);
}

Test(report_plain, cutting_never_splits_a_character)
{
    cr_assert_str_eq(ol_plain_cut(&pool, "値値値", 4, false, "…"), "値…");
    cr_assert_str_eq(ol_plain_cut(&pool, "/long/path/app.py", 9, true, "..."), "...app.py");
    cr_assert_str_eq(ol_plain_cut(&pool, "short", 9, true, "..."), "short");
}
