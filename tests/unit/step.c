/* SPDX-License-Identifier: MIT */
/* detector/step.c: hits between two steps of a loop count when another step follows from the same
 * place, and never were when none does. */
#include "detector/step.h"

#include <criterion/criterion.h>

#include "detector/hash.h"
#include "detector/prepare.h"
#include "detector/recorder.h"
#include "thread_fixture.h"

enum { HERE = 11, ELSEWHERE = 22 }; /* places from which a loop is stepped */

static struct ol_site_ref site;

static void begin(void)
{
    static struct ol_stack_words words = {.count = 1, .key = 99};
    bool made;
    begin_process();
    cr_assert(ol_prepare_record());
    ol_self.is_loop = true;
    struct ol_site_facts facts = {
        .function = "stat", .rule = OL_RULE_stat, .argument = "", .words = &words};
    site = ol_site_of(&facts, &made);
    cr_assert(made);
}

TestSuite(step, .init = begin);

static uint64_t counted(void)
{
    return ol_site_entry_of(site)->count;
}

/* The program works after a step. */
static void work(void)
{
    struct ol_site_sum hit = {.count = 1, .ns = 5};
    cr_assert(ol_step_holds());
    if (ol_step_hold(site, &hit))
        ol_site_add(site, &hit);
}

Test(step, a_call_after_a_run_that_was_no_step_is_not_held)
{
    ol_step_begins(0, 0);
    cr_assert_not(ol_step_holds());
    ol_step_begins(HERE, 0);
    cr_assert(ol_step_holds());
}

Test(step, hits_count_when_the_loop_is_stepped_again_from_there)
{
    ol_step_begins(HERE, 0);
    work();
    work();
    cr_assert_eq(counted(), 0);
    cr_assert(ol_step_begins(HERE, 0), "what ran in between was a turn");
    cr_assert_eq(counted(), 2);
    cr_assert_eq(ol_site_entry_of(site)->total_ns, 10);
}

Test(step, hits_never_were_when_the_loop_is_run_to_its_end)
{
    ol_step_begins(HERE, 0);
    work();
    cr_assert_not(ol_step_begins(0, 0), "what ran in between was no turn");
    cr_assert_eq(counted(), 0);
    ol_step_begins(HERE, 0);
    cr_assert_eq(counted(), 0);
}

Test(step, hits_never_were_when_no_step_follows)
{
    ol_step_begins(HERE, 0);
    work();
    ol_step_is_over();
    cr_assert_eq(counted(), 0);
}

Test(step, a_step_from_elsewhere_is_no_answer_and_one_from_the_same_place_later_is)
{
    ol_step_begins(HERE, 0);
    work();
    cr_assert_not(ol_step_begins(ELSEWHERE, 0));
    cr_assert_eq(counted(), 0);
    work();
    ol_step_begins(HERE, 0);
    cr_assert_eq(counted(), 2, "all that came after the first step from there");
}

Test(step, a_place_that_was_stepped_before_is_taken_for_one_that_will_be_again)
{
    ol_step_begins(HERE, 0);
    work();
    ol_step_begins(HERE, 0);
    work();
    cr_assert_eq(counted(), 2, "at once: a kill does not lose it");
    ol_step_is_over();
    cr_assert_eq(counted(), 1, "taken back: no step followed");
}

Test(step, waits_of_one_run_are_one_step)
{
    ol_step_begins(HERE, 1);
    cr_assert(ol_step_begins(HERE, 1));
    cr_assert_not(ol_self.steps.repeated);
    cr_assert(ol_step_begins(HERE, 2));
    cr_assert(ol_self.steps.repeated);
}
