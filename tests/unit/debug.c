/* SPDX-License-Identifier: MIT */
/* Tests of detector/debug.h: the words of OFFLOOP_DEBUG. */
#include "../../detector/debug.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned complaints;
static char complaint[256];

static void note(void *context, const char *line)
{
    (void)context;
    complaints++;
    strncpy(complaint, line, sizeof complaint - 1);
}

static uint32_t set_of(const char *words)
{
    complaints = 0;
    return ol_debug_parse(words, note, NULL);
}

#define BIT(word) (UINT32_C(1) << OL_DEBUG_##word)

Test(debug, nothing_is_printed_without_a_word)
{
    cr_assert_eq(set_of(""), 0);
    cr_assert_eq(complaints, 0);
}

Test(debug, words_add_up_whatever_their_case_and_blanks)
{
    cr_assert_eq(set_of(" loop ,GATE,,record"), BIT(loop) | BIT(gate) | BIT(record));
    cr_assert_eq(complaints, 0);
}

Test(debug, a_wrong_word_is_named_and_leaves_the_others)
{
    cr_assert_eq(set_of("loop,brigde"), BIT(loop));
    cr_assert_eq(complaints, 1);
    cr_assert_str_eq(complaint, "OFFLOOP_DEBUG: unknown word 'brigde': did you mean 'bridge'?");
}

Test(debug, a_word_that_is_near_to_none_gets_all_of_them)
{
    cr_assert_eq(set_of("everything"), 0);
    cr_assert_str_eq(complaint, "OFFLOOP_DEBUG: unknown word 'everything': valid are loop "
                                "gate patch bridge record");
}
