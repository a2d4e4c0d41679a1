/* SPDX-License-Identifier: MIT */
/* detector/worst.c: whose stack, argument and function a site shows. */
#include "detector/worst.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "detector/process.h"
#include "detector/recorder.h"
#include "detector/ruleset.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

static struct ol_site_ref site;
static struct ol_stack_words words;

static struct ol_site_facts facts_of(const char *argument, uint32_t line)
{
    words.count = 2;
    words.culprit = 1;
    words.key = 1;
    words.frames[0] = (struct ol_frame_entry){.kind = OL_FRAME_python, .line = line};
    words.frames[1] = (struct ol_frame_entry){.kind = OL_FRAME_python, .line = 42};
    return (struct ol_site_facts){.function = "poll",
                                  .rule = OL_RULE_poll,
                                  .argument = argument,
                                  .action = OL_ACTION_report,
                                  .words = &words};
}

static void make_site(void)
{
    bool made;
    ol_process.pid = getpid(); /* no folder: a private mapping */
    ol_ruleset_read(NULL, NULL, NULL);
    cr_assert(ol_recorder_open());
    struct ol_site_facts facts = facts_of("connect", 1);
    site = ol_site_of(&facts, &made);
    cr_assert(made);
}

TestSuite(worst, .init = make_site);

static void hit(const char *argument, uint32_t line, uint64_t ns)
{
    struct ol_site_facts facts = facts_of(argument, line);
    if (ol_worst_is(site, ns))
        ol_worst_keep(site, &facts, ns);
}

static void assert_shown(const char *argument, uint32_t line)
{
    struct ol_worst_shown shown = ol_worst_shown(ol_site_entry_of(site));
    const struct ol_frame_entry *frames = ol_recorder_entry(OL_SECTION_frames, shown.first_frame);
    cr_assert_str_eq(ol_recorder_string_at(shown.argument), argument);
    cr_assert_eq(frames[0].line, line);
    cr_assert_eq(shown.frame_count, 2);
    cr_assert_eq(shown.culprit, 1);
}

Test(worst, a_site_shows_its_first_hit_while_none_is_longer)
{
    ol_worst_begin(site, 50 * MS);
    hit("answer", 2, 50 * MS);
    assert_shown("connect", 1);
}

Test(worst, a_longer_hit_is_shown_in_its_place)
{
    ol_worst_begin(site, 3 * US);
    hit("answer", 2, 1000 * MS);
    assert_shown("answer", 2);
    hit("later", 3, 900 * MS);
    assert_shown("answer", 2);
    hit("longest", 4, 1001 * MS);
    assert_shown("longest", 4);
    hit("longest of all", 2, 1002 * MS);
    assert_shown("longest of all", 2);
}

Test(worst, short_hits_are_looked_at_when_they_double)
{
    ol_worst_begin(site, 40 * US);
    cr_assert(!ol_worst_is(site, 90 * US), "too short");
    cr_assert(ol_worst_is(site, 100 * US));
    ol_worst_begin(site, 80 * US);
    cr_assert(!ol_worst_is(site, 150 * US), "not twice as long");
    cr_assert(ol_worst_is(site, 160 * US));
}

Test(worst, another_argument_of_the_first_stack_needs_no_frames)
{
    uint32_t used = ol_recorder->sections[OL_SECTION_frames].used;
    hit("other", 1, 10 * MS);
    assert_shown("other", 1);
    cr_assert_eq(ol_recorder->sections[OL_SECTION_frames].used, used);
}

Test(worst, a_site_that_gets_slower_and_slower_keeps_two_stacks)
{
    uint32_t used = ol_recorder->sections[OL_SECTION_frames].used;
    for (uint32_t i = 1; i <= 60; i++)
        hit("slower", 100 + i, (10 + i) * MS);
    assert_shown("slower", 160);
    cr_assert_eq(ol_recorder->sections[OL_SECTION_frames].used, used + 2 * words.count);
}

Test(worst, in_the_end_only_doubling_counts)
{
    for (uint32_t i = 1; i <= 1000; i++)
        hit("slower", 100 + i, (10 + i) * MS);
    cr_assert_leq(ol_site_entry_of(site)->worst_count, 70);
}

Test(worst, without_room_for_frames_the_old_ones_are_shown)
{
    const struct ol_section *frames = &ol_recorder->sections[OL_SECTION_frames];
    ol_recorder_claim(OL_SECTION_frames, frames->capacity / 4 * 3);
    hit("answer", 2, 1000 * MS);
    assert_shown("connect", 1);
    cr_assert_eq(frames->lost, 0);
}

Test(worst, a_lost_site_shows_nothing)
{
    struct ol_site_ref lost = {.index = OL_SITE_LOST};
    cr_assert(!ol_worst_is(lost, 1000 * MS));
    ol_worst_begin(lost, 1000 * MS);
}
