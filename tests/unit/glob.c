/* SPDX-License-Identifier: MIT */
/* detector/glob.c: shell patterns without libc. */
#include "detector/glob.h"

#include <criterion/criterion.h>
#include <string.h>

static bool match(const char *pattern, const char *text)
{
    return ol_glob_match(pattern, strlen(pattern), text);
}

Test(glob, plain_names_match_themselves_only)
{
    cr_assert(match("worker", "worker"));
    cr_assert_not(match("worker", "workers"));
    cr_assert_not(match("workers", "worker"));
    cr_assert_not(match("worker", "Worker"));
    cr_assert(match("", ""));
    cr_assert_not(match("", "a"));
}

Test(glob, a_star_is_any_run)
{
    cr_assert(match("*", ""));
    cr_assert(match("*", "/usr/lib"));
    cr_assert(match("tokio-runtime-w*", "tokio-runtime-w"));
    cr_assert(match("tokio-runtime-w*", "tokio-runtime-worker"));
    cr_assert(match("*.so*.2", "libcups.so.so.2.2"));
    cr_assert(match("a**b", "ab"));
    cr_assert_not(match("a*b", "abc"));
    cr_assert_not(match("*a", ""));
}

Test(glob, a_question_mark_is_one_byte)
{
    cr_assert(match("w?", "w1"));
    cr_assert_not(match("w?", "w"));
    cr_assert_not(match("w?", "w12"));
}

Test(glob, a_set_is_one_of_its_members)
{
    cr_assert(match("w[12]", "w2"));
    cr_assert_not(match("w[12]", "w3"));
    cr_assert(match("w[0-9a-f]", "we"));
    cr_assert_not(match("w[0-9a-f]", "wg"));
    cr_assert(match("[a-]", "-"));
    cr_assert(match("[*]", "*"));
    cr_assert_not(match("[*]", "x"));
    cr_assert_not(match("w[12]", "w"));
}

Test(glob, a_negated_set_is_none_of_its_members)
{
    cr_assert(match("w[!12]", "w3"));
    cr_assert(match("w[^12]", "w3"));
    cr_assert_not(match("w[!12]", "w1"));
}

Test(glob, a_bracket_that_comes_first_is_a_member)
{
    cr_assert(match("[]]", "]"));
    cr_assert(match("[!]]", "a"));
    cr_assert_not(match("[!]]", "]"));
}

Test(glob, an_open_bracket_without_its_end_is_itself)
{
    cr_assert(match("w[", "w["));
    cr_assert(match("w[12", "w[12"));
    cr_assert(match("[!", "[!"));
    cr_assert_not(match("w[12", "w1"));
}

Test(glob, high_bytes_are_bytes)
{
    cr_assert(match("gr?\xbc*", "gr\xc3\xbc\xc3\x9f"));
    cr_assert(match("[\x80-\xff]", "\xc3"));
}

Test(glob, the_pattern_need_not_end_with_nul)
{
    cr_assert(ol_glob_match("work*,api", 5, "worker"));
    cr_assert(ol_glob_match("w[12]", 3, "w[1"));
}

Test(glob, many_stars_do_not_explode, .timeout = 5)
{
    char pattern[201];
    char text[1001];
    for (size_t i = 0; i < 200; i++)
        pattern[i] = i % 2 ? '*' : 'a';
    pattern[200] = '\0';
    memset(text, 'a', 1000);
    text[1000] = '\0';
    cr_assert(match(pattern, text));
    text[999] = 'b';
    pattern[199] = 'c';
    cr_assert_not(match(pattern, text));
}

Test(glob, many_open_brackets_do_not_explode, .timeout = 5)
{
    static char pattern[4001], text[8001];
    memset(pattern, '[', 4000);
    memset(text, '[', 8000);
    pattern[0] = '*';
    pattern[3999] = 'x'; /* 30,000 million steps, if each bracket looked for its end each time */
    cr_assert_not(match(pattern, text));
    pattern[3999] = '[';
    cr_assert(match(pattern, text));
}
