/* SPDX-License-Identifier: MIT */
/* detector/loop.c: loops begin, turn, nest and end. */
#include "detector/loop.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "detector/recorder.h"
#include "thread_fixture.h"

enum { OWN = 7, OTHER = 8 }; /* epoll descriptors; nothing is read of them */

static const char code[8]; /* stands for code that waits */

TestSuite(loop, .init = begin_process);

static uintptr_t outermost; /* where the thread's loop waits */

/* From a frame that lies so far inside of the outermost one. */
static struct ol_wait a_wait(enum ol_wait_kind kind, int fd, uintptr_t inside)
{
    return (struct ol_wait){.kind = kind,
                            .name = "epoll_wait",
                            .fd = fd,
                            .among = -1,
                            .caller = code,
                            .stack = outermost - inside};
}

static enum ol_wait_verdict wait_for(enum ol_wait_kind kind, int fd, uintptr_t inside)
{
    if (!outermost)
        outermost = (uintptr_t)__builtin_frame_address(0);
    struct ol_wait wait = a_wait(kind, fd, inside);
    enum ol_wait_verdict verdict = ol_loop_wait(&wait);
    if (verdict == OL_WAIT_loop)
        ol_loop_resume();
    return verdict;
}

static const struct ol_loop_entry *entry(void)
{
    return ol_recorder_entry(OL_SECTION_loops, 0);
}

static void begin_loop(void)
{
    cr_assert_eq(wait_for(OL_WAIT_epoll, OWN, 0), OL_WAIT_loop);
}

Test(loop, a_thread_that_waits_for_epoll_is_one_and_its_turn_begins)
{
    cr_assert_not(ol_self.is_loop);
    begin_loop();
    cr_assert(ol_self.is_loop && ol_self.armed);
    cr_assert_eq(entry()->loops, 1);
    cr_assert_eq(entry()->pid, getpid());
    cr_assert_eq(entry()->turns, 0, "it goes on");
}

Test(loop, a_turn_lasts_until_the_next_wait)
{
    begin_loop();
    struct ol_wait wait = a_wait(OL_WAIT_epoll, OWN, 0);
    cr_assert_eq(ol_loop_wait(&wait), OL_WAIT_loop);
    cr_assert_not(ol_self.armed, "nothing is judged while the loop waits");
    cr_assert_eq(entry()->turns, 1);
    ol_loop_resume();
    cr_assert(ol_self.armed);
    cr_assert_eq(entry()->loops, 1);
}

Test(loop, a_wait_keeps_errno)
{
    errno = ENOTTY;
    begin_loop();
    cr_assert_eq(errno, ENOTTY);
}

Test(loop, who_polls_is_none_unless_the_user_says_so)
{
    cr_assert_eq(wait_for(OL_WAIT_poll, -1, 0), OL_WAIT_plain);
    cr_assert_eq(wait_for(OL_WAIT_select, -1, 0), OL_WAIT_plain);
    cr_assert_eq(wait_for(OL_WAIT_ring, OWN, 0), OL_WAIT_plain);
    cr_assert_not(ol_self.is_loop);
    ol_loop_choice_parse(&ol_process.loop_choice, "wait=poll", hear_nothing, NULL);
    cr_assert_eq(wait_for(OL_WAIT_ring, OWN, 0), OL_WAIT_plain);
    cr_assert_eq(wait_for(OL_WAIT_select, -1, 0), OL_WAIT_loop);
    cr_assert(ol_self.is_loop);
}

Test(loop, who_waits_for_a_ring_is_one_if_the_user_says_so)
{
    ol_loop_choice_parse(&ol_process.loop_choice, "wait=io_uring", hear_nothing, NULL);
    cr_assert_eq(wait_for(OL_WAIT_poll, -1, 0), OL_WAIT_plain);
    cr_assert_eq(wait_for(OL_WAIT_ring, OWN, 0), OL_WAIT_loop);
}

Test(loop, a_set_with_an_epoll_descriptor_waits_as_epoll_does)
{
    outermost = (uintptr_t)__builtin_frame_address(0);
    struct ol_wait wait = a_wait(OL_WAIT_poll, -1, 0);
    wait.among = OWN;
    wait.immediate = true;
    cr_assert_eq(ol_loop_wait(&wait), OL_WAIT_plain, "it only looks");
    wait.immediate = false;
    cr_assert_eq(ol_loop_wait(&wait), OL_WAIT_loop);
    cr_assert_eq(ol_self.wait_kind, OL_WAIT_epoll);
    cr_assert_eq(ol_self.wait_fd, OWN);
    ol_loop_resume();
    wait.immediate = true;
    cr_assert_eq(ol_loop_wait(&wait), OL_WAIT_loop, "its own loop looks: that is a wait");
}

Test(loop, another_wait_in_a_turn_is_nested)
{
    begin_loop();
    cr_assert_eq(wait_for(OL_WAIT_epoll, OTHER, 100), OL_WAIT_nested);
    cr_assert_eq(wait_for(OL_WAIT_poll, -1, 100), OL_WAIT_nested);
    cr_assert(ol_self.armed);
    cr_assert_eq(ol_self.wait_fd, OWN);
    cr_assert_eq(entry()->turns, 0, "the turn goes on");
}

Test(loop, who_only_looks_in_a_turn_does_not_wait)
{
    begin_loop();
    struct ol_wait wait = a_wait(OL_WAIT_epoll, OTHER, 100);
    wait.immediate = true;
    cr_assert_eq(ol_loop_wait(&wait), OL_WAIT_plain);
    cr_assert(ol_self.armed);
}

Test(loop, a_wait_inside_of_a_wrapped_call_is_not_the_loops)
{
    begin_loop();
    ol_self.armed = false;
    ol_self.inside = true;
    cr_assert_eq(wait_for(OL_WAIT_epoll, OTHER, 100), OL_WAIT_plain);
    cr_assert_eq(wait_for(OL_WAIT_poll, -1, 100), OL_WAIT_plain);
    cr_assert_eq(entry()->turns, 0);
}

Test(loop, a_call_that_was_left_by_a_jump_is_over_when_its_stack_is)
{
    begin_loop();
    ol_self.inside = true;
    ol_self.inside_stack = outermost - 200;
    cr_assert(ol_loop_is_inside(outermost - 300));
    cr_assert_not(ol_loop_is_inside(outermost - 100));
    cr_assert_not(ol_self.inside);
}

/* The first has returned: the other waits from further out than it did. */
Test(loop, another_loop_follows_one_that_has_left_the_stack)
{
    begin_loop();
    outermost += 64;
    cr_assert_eq(wait_for(OL_WAIT_epoll, OTHER, 0), OL_WAIT_loop);
    cr_assert_eq(ol_self.wait_fd, OTHER);
    cr_assert_eq(entry()->loops, 2);
}

Test(loop, it_ends_with_its_descriptor_and_not_with_another)
{
    begin_loop();
    ol_loop_closing(OTHER);
    cr_assert(ol_self.is_loop);
    ol_loop_closing(OWN);
    cr_assert_not(ol_self.is_loop);
    cr_assert_not(ol_self.armed);
    cr_assert_eq(entry()->turns, 1);
    cr_assert_neq(entry()->ended_ns, 0);
}

Test(loop, a_loop_that_polls_does_not_end_with_a_descriptor)
{
    ol_loop_choice_parse(&ol_process.loop_choice, "wait=poll", hear_nothing, NULL);
    cr_assert_eq(wait_for(OL_WAIT_poll, -1, 0), OL_WAIT_loop);
    ol_loop_closing(-1);
    ol_loop_closing(OWN);
    cr_assert(ol_self.is_loop);
}

Test(loop, a_thread_that_was_one_can_be_one_again)
{
    begin_loop();
    ol_loop_end();
    cr_assert_not(ol_self.is_loop);
    begin_loop();
    cr_assert_eq(entry()->loops, 2);
    cr_assert_eq(entry()->threads, 1);
    cr_assert_eq(entry()->ended_ns, 0);
}

Test(loop, a_child_in_our_memory_does_not_end_it)
{
    begin_loop();
    ol_process.pid = getpid() + 1; /* as a child of vfork() finds it */
    ol_loop_closing(OWN);
    cr_assert(ol_self.is_loop);
}

Test(loop, none_begins_and_none_turns_once_exit_has_begun)
{
    ol_process.exiting = true;
    cr_assert_eq(wait_for(OL_WAIT_epoll, OWN, 0), OL_WAIT_plain);
    cr_assert_not(ol_self.is_loop);
    ol_process.exiting = false;
    begin_loop();
    ol_process.exiting = true;
    ol_loop_resume();
    cr_assert_not(ol_self.armed);
}

Test(loop, a_marked_thread_is_one_whatever_it_waits_for)
{
    ol_loop_choice_parse(&ol_process.loop_choice, "api", hear_nothing, NULL);
    cr_assert_eq(wait_for(OL_WAIT_epoll, OWN, 0), OL_WAIT_plain);
    ol_loop_mark("mine");
    cr_assert(ol_self.is_loop && ol_self.armed);
    cr_assert_str_eq(entry()->name, "mine");
    cr_assert_eq(wait_for(OL_WAIT_poll, -1, 100), OL_WAIT_loop);
    cr_assert_eq(entry()->turns, 1);
    ol_loop_mark("again");
    cr_assert_eq(entry()->loops, 1);
}

static void *wait_elsewhere(void *found)
{
    struct ol_wait wait = {.kind = OL_WAIT_epoll,
                           .name = "epoll_wait",
                           .fd = OTHER,
                           .among = -1,
                           .caller = code,
                           .stack = (uintptr_t)__builtin_frame_address(0)};
    *(enum ol_wait_verdict *)found = ol_loop_wait(&wait);
    ol_loop_end();
    return NULL;
}

static enum ol_wait_verdict verdict_elsewhere(void)
{
    pthread_t thread;
    enum ol_wait_verdict found;
    cr_assert(pthread_create(&thread, NULL, wait_elsewhere, &found) == 0);
    pthread_join(thread, NULL);
    return found;
}

Test(loop, main_is_the_main_thread_and_no_other)
{
    cr_assert_eq(verdict_elsewhere(), OL_WAIT_loop, "any thread, as long as nothing is chosen");
    ol_loop_choice_parse(&ol_process.loop_choice, "main", hear_nothing, NULL);
    cr_assert_eq(verdict_elsewhere(), OL_WAIT_plain);
    begin_loop();
}

static unsigned ends;

static void count_ends(void)
{
    ends++;
}

Test(loop, the_end_of_a_thread_that_was_one_is_heard)
{
    ol_thread_at_end = count_ends;
    ol_loop_choice_parse(&ol_process.loop_choice, "main", hear_nothing, NULL);
    verdict_elsewhere();
    cr_assert_eq(ends, 0, "it was none");
    ol_loop_choice_parse(&ol_process.loop_choice, "auto", hear_nothing, NULL);
    verdict_elsewhere();
    cr_assert_eq(ends, 1);
}
