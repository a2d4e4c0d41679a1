/* SPDX-License-Identifier: MIT */
/* detector/text.c: words in a fixed buffer. */
#include "detector/text.h"

#include <criterion/criterion.h>

static const char *duration(uint64_t ns)
{
    static char buffer[32];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add_duration(&text, ns);
    return buffer;
}

static const char *escaped(const char *bytes, size_t count)
{
    static char buffer[64];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add_escaped(&text, bytes, count);
    return buffer;
}

Test(text, starts_empty)
{
    char buffer[4] = "xyz";
    struct ol_text text = OL_TEXT(buffer);
    cr_assert_eq(text.length, 0);
    cr_assert_str_eq(buffer, "");
    cr_assert_not(text.cut);
}

Test(text, holds_what_exactly_fits)
{
    char buffer[4];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add(&text, "abc");
    cr_assert_str_eq(buffer, "abc");
    cr_assert_not(text.cut);
}

Test(text, cuts_what_does_not_fit_and_says_so)
{
    char buffer[5] = {[4] = '#'};
    struct ol_text text = ol_text_in(buffer, 4);
    ol_text_add(&text, "ab");
    ol_text_add(&text, "cde");
    ol_text_add_char(&text, 'f');
    cr_assert_str_eq(buffer, "abc");
    cr_assert(text.cut);
    cr_assert_eq(buffer[4], '#', "the byte behind the buffer is not ours");
}

Test(text, in_a_buffer_of_one_byte_stays_empty)
{
    char buffer[1];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add(&text, "a");
    cr_assert_str_eq(buffer, "");
    cr_assert(text.cut);
}

Test(text, takes_null_for_nothing)
{
    char buffer[4];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add(&text, NULL);
    cr_assert_str_eq(buffer, "");
}

Test(text, writes_the_largest_numbers)
{
    char buffer[96];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add_unsigned(&text, UINT64_MAX);
    ol_text_add_char(&text, ' ');
    ol_text_add_signed(&text, INT64_MIN);
    ol_text_add_char(&text, ' ');
    ol_text_add_hex(&text, UINT64_MAX);
    ol_text_add_char(&text, ' ');
    ol_text_add_unsigned(&text, 0);
    cr_assert_str_eq(buffer, "18446744073709551615 -9223372036854775808 0xffffffffffffffff 0");
}

Test(text, keeps_terminals_unharmed)
{
    cr_assert_str_eq(escaped("a\033[31m\n\"\\\x7f", 10), "a\\x1b[31m\\n\\\"\\\\\\x7f");
}

Test(text, eight_bit_controls_and_direction_marks_become_escapes)
{
    cr_assert_str_eq(escaped("a\xc2\x9b"
                             "b\xe2\x80\xae"
                             "c\xd8\x9c"
                             "d\xe2\x81\xa6",
                             14),
                     "a\\u009bb\\u202ec\\u061cd\\u2066");
    cr_assert_str_eq(escaped("\xe2\x82\xac\xc2\xa0", 5), "\xe2\x82\xac\xc2\xa0", "shown");
}

Test(text, bytes_that_are_no_character_become_escapes)
{
    cr_assert_str_eq(escaped("\xe2\x80", 2), "\\xe2\\x80", "cut in the middle");
    cr_assert_str_eq(escaped("\xf7\xbf\xbf\xbf", 4), "\\xf7\\xbf\\xbf\\xbf", "no first byte");
    cr_assert_str_eq(escaped("\xf4\x90\x80\x80", 4), "\\xf4\\x90\\x80\\x80", "U+110000");
    cr_assert_str_eq(escaped("\xc0\xaf", 2), "\\xc0\\xaf", "a longer form than needed");
    cr_assert_str_eq(escaped("\xe0\x80\xaf", 3), "\\xe0\\x80\\xaf", "that, in three");
    cr_assert_str_eq(escaped("\xed\xa0\x80", 3), "\\xed\\xa0\\x80", "a surrogate");
    cr_assert_str_eq(escaped("\xff", 1), "\\xff");
}

Test(text, what_nobody_sees_becomes_an_escape)
{
    cr_assert_str_eq(escaped("a\xe2\x80\x8b"
                             "b\xef\xbb\xbf"
                             "c\xc2\xad"
                             "d\xf3\xa0\x80\x81",
                             16),
                     "a\\u200bb\\ufeffc\\u00add\\U000e0001");
    cr_assert_str_eq(escaped("\xef\xbf\xbf", 3), "\\uffff", "no character");
}

Test(text, is_cut_before_an_escape_or_a_character_that_has_no_room)
{
    char buffer[8];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add_escaped(&text, "abcde\033f", 7);
    ol_text_add(&text, "g");
    cr_assert_str_eq(buffer, "abcde");
    cr_assert(text.cut);
    text = OL_TEXT(buffer);
    ol_text_add_escaped(&text, "abcdef\xe2\x82\xac", 9);
    cr_assert_str_eq(buffer, "abcdef");
}

Test(text, plain_text_keeps_quotes_and_backslashes)
{
    char buffer[64];
    struct ol_text text = OL_TEXT(buffer);
    ol_text_add_plain(&text, "'a' \"b\" c\\d\033[2J\n");
    cr_assert_str_eq(buffer, "'a' \"b\" c\\d\\x1b[2J\\n");
}

Test(text, leaves_utf8_alone)
{
    cr_assert_str_eq(escaped("gr\xc3\xbc\xc3\x9f", 6), "gr\xc3\xbc\xc3\x9f");
}

Test(text, escapes_up_to_a_nul_or_the_count)
{
    cr_assert_str_eq(escaped("ab\0cd", 5), "ab");
    cr_assert_str_eq(escaped("abcd", 3), "abc");
}

Test(text, tells_durations_in_three_digits)
{
    cr_assert_str_eq(duration(0), "0 ns");
    cr_assert_str_eq(duration(999), "999 ns");
    cr_assert_str_eq(duration(1000), "1 us");
    cr_assert_str_eq(duration(38400), "38.4 us");
    cr_assert_str_eq(duration(1250000), "1.25 ms");
    cr_assert_str_eq(duration(1999999999), "2 s");
    cr_assert_str_eq(duration(49960000), "50 ms");
    cr_assert_str_eq(duration(150500000), "151 ms");
    cr_assert_str_eq(duration(7200000000000), "7200 s");
}
