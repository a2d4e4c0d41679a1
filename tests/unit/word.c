/* SPDX-License-Identifier: MIT */
/* detector/word.c: words that users wrote. */
#include "detector/word.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const names[] = {"open", "stat", "sleep", NULL, "warning", "cert-load"};
#define NAME_COUNT (sizeof(names) / sizeof(*names))

static const char *nearest(const char *word)
{
    struct ol_nearest near = {.word = ol_word_of(word)};
    ol_word_consider_all(&near, names, NAME_COUNT);
    return near.name ? near.name : "nothing";
}

Test(word, is_compared_without_case)
{
    cr_assert(ol_word_is(ol_word_of("  Cert-LOAD\t"), "cert-load"));
    cr_assert_not(ol_word_is(ol_word_of("cert"), "cert-load"));
    cr_assert_not(ol_word_is(ol_word_of("cert-loads"), "cert-load"));
}

Test(word, is_found_by_its_index)
{
    cr_assert_eq(ol_word_find(ol_word_of("sleep"), names, NAME_COUNT), 2);
    cr_assert_eq(ol_word_find(ol_word_of("slumber"), names, NAME_COUNT), -1);
}

Test(word, lists_have_a_part_more_than_separators)
{
    const char *rest = "a, b ,,";
    const char *const parts[] = {"a", "b", "", ""};
    struct ol_word part;
    unsigned count = 0;
    while (ol_word_next(&rest, ',', &part))
        cr_assert(ol_word_is(part, parts[count++]));
    cr_assert_eq(count, 4);
}

Test(word, splits_at_the_first_separator)
{
    struct ol_word before;
    struct ol_word after;
    cr_assert(ol_word_split(ol_word_of(" sleep = block=x"), '=', &before, &after));
    cr_assert(ol_word_is(before, "sleep"));
    cr_assert(ol_word_is(after, "block=x"));
}

Test(word, without_a_separator_leaves_both_halves_alone)
{
    struct ol_word before = ol_word_of("before");
    struct ol_word after = ol_word_of("after");
    cr_assert_not(ol_word_split(ol_word_of("sleep"), '=', &before, &after));
    cr_assert(ol_word_is(before, "before"));
    cr_assert(ol_word_is(after, "after"));
}

Test(word, a_letter_less_more_or_other_is_near)
{
    cr_assert_str_eq(nearest("slep"), "sleep");
    cr_assert_str_eq(nearest("sleeep"), "sleep");
    cr_assert_str_eq(nearest("sleap"), "sleep");
    cr_assert_str_eq(nearest("cert_load"), "cert-load");
}

Test(word, swapped_neighbours_are_one_mistake)
{
    cr_assert_str_eq(nearest("opne"), "open");
    cr_assert_str_eq(nearest("tsat"), "stat");
}

Test(word, case_is_no_mistake)
{
    cr_assert_str_eq(nearest("SLEP"), "sleep");
}

Test(word, a_beginning_is_near)
{
    cr_assert_str_eq(nearest("warn"), "warning");
    cr_assert_str_eq(nearest("cert"), "cert-load");
    cr_assert_str_eq(nearest("wa"), "nothing");
}

Test(word, nothing_is_near_to_another_word)
{
    cr_assert_str_eq(nearest("xyzzy"), "nothing");
    cr_assert_str_eq(nearest(""), "nothing");
    cr_assert_str_eq(nearest("o"), "nothing");
}

Test(word, a_monster_is_near_to_nothing)
{
    char monster[5000];
    memset(monster, 'o', sizeof(monster));
    monster[sizeof(monster) - 1] = '\0';
    cr_assert_str_eq(nearest(monster), "nothing");
}

Test(word, is_quoted_harmlessly_and_cut)
{
    char buffer[128];
    struct ol_text line = OL_TEXT(buffer);
    ol_word_quote(&line, ol_word_of("a\033b"));
    cr_assert_str_eq(buffer, "'a\\x1bb'");
    line = OL_TEXT(buffer);
    ol_word_quote(
        &line,
        ol_word_of("0123456789012345678901234567890123456789012345678901234567890123456789"));
    cr_assert_str_eq(buffer, "'012345678901234567890123456789012345678901234567...'");
}

Test(word, is_explained_in_one_line)
{
    char buffer[128];
    struct ol_text line = OL_TEXT(buffer);
    struct ol_nearest near = {.word = ol_word_of("slep")};
    ol_word_consider_all(&near, names, NAME_COUNT);
    ol_word_explain(&line, "HERE", &near, "rule", "see there");
    cr_assert_str_eq(buffer, "HERE: unknown rule 'slep': did you mean 'sleep'?");
}

Test(word, without_a_near_one_is_explained_otherwise)
{
    char buffer[128];
    struct ol_text line = OL_TEXT(buffer);
    const struct ol_nearest near = {.word = ol_word_of("xyzzy")};
    ol_word_explain(&line, "HERE", &near, "rule", "see there");
    cr_assert_str_eq(buffer, "HERE: unknown rule 'xyzzy': see there");
}
