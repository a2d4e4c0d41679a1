/* SPDX-License-Identifier: MIT */
/* detector/tally.c: what a hit adds to its site. */
#include "detector/tally.h"

#include <criterion/criterion.h>

#include "detector/prepare.h"
#include "detector/rawio.h"
#include "detector/recorder.h"
#include "thread_fixture.h"

static struct ol_call hit;

static struct ol_site_ref site_of(const char *function)
{
    static struct ol_stack_words words = {.count = 1, .key = 5};
    bool made;
    struct ol_site_facts facts = {
        .function = function, .rule = OL_RULE_read, .argument = "", .words = &words};
    return ol_site_of(&facts, &made);
}

static void begin(void)
{
    begin_process();
    cr_assert(ol_prepare_record());
    ol_self.is_loop = true;
    hit = (struct ol_call){.site = site_of("read"), .rule = OL_RULE_read, .id = OL_CALL_read};
}

TestSuite(tally, .init = begin);

static const struct ol_site_entry *site(void)
{
    return ol_site_entry_of(hit.site);
}

/* A call that takes that long. */
static void call(int64_t ns)
{
    ol_tally_start(&hit);
    ol_tally_add(&hit, hit.started + (int64_t)hit.added_ns + ns);
}

Test(tally, a_hit_is_counted_once_and_its_time_when_it_is_over)
{
    ol_tally_count(&hit);
    cr_assert(hit.counted);
    cr_assert_eq(site()->count, 1);
    cr_assert_eq(site()->total_ns, 0);
    call(300);
    cr_assert_eq(site()->count, 1);
    cr_assert_eq(site()->total_ns, 300);
    cr_assert_eq(ol_recorder->hits, 1);
    cr_assert_eq(ol_recorder->time_lost_ns, 300);
}

Test(tally, times_add_up_and_the_longest_stays)
{
    call(300);
    hit.added_ns = 0;
    call(200);
    cr_assert_eq(site()->total_ns, 500);
    cr_assert_eq(site()->max_ns, 300);
}

Test(tally, the_longest_of_a_hit_in_several_calls_is_all_of_them)
{
    call(300);
    call(200);
    cr_assert_eq(site()->total_ns, 500);
    cr_assert_eq(site()->max_ns, 500);
}

Test(tally, a_hit_that_goes_on_began_as_much_earlier_as_it_has_taken)
{
    hit.added_ns = 1000000000;
    ol_tally_start(&hit);
    cr_assert_leq(hit.started, ol_raw_now() - 1000000000);
    hit.added_ns = 0;
    int64_t before = ol_raw_now();
    ol_tally_start(&hit);
    cr_assert_geq(hit.started, before);
}

Test(tally, off_the_loop_no_time_is_lost)
{
    ol_self.is_loop = false;
    call(300);
    cr_assert_eq(site()->total_ns, 300);
    cr_assert_eq(ol_recorder->time_lost_ns, 0);
}

Test(tally, a_hit_without_a_site_is_counted_as_lost)
{
    hit.site.index = OL_SITE_LOST;
    ol_tally_count(&hit);
    cr_assert_eq(ol_recorder->hits, 1);
    cr_assert_eq(ol_recorder->hits_lost, 1);
}

Test(tally, what_a_guarded_callable_left_to_do_is_part_of_it)
{
    hit.site = site_of("os.scandir");
    ol_tally_count(&hit);
    cr_assert_eq(site()->count, 0, "the C call below it");
    struct ol_gate_function callable = {.name = "os.scandir", .rule = OL_RULE_read};
    hit.named = &callable;
    ol_tally_count(&hit);
    cr_assert_eq(site()->count, 1, "the callable itself");
}

Test(tally, a_held_hit_waits_for_the_next_step)
{
    ol_self.steps.place = 3;
    hit.held = true;
    ol_tally_count(&hit);
    cr_assert_eq(site()->count, 0);
}

Test(tally, slow_is_what_takes_as_long_as_it_has_to)
{
    hit.slow_only = true;
    hit.least = 1000;
    ol_tally_start(&hit);
    cr_assert_not(ol_tally_was_slow(&hit, hit.started + 999));
    hit.least = 0;
    ol_tally_start(&hit);
    cr_assert(ol_tally_was_slow(&hit, hit.started));
}
