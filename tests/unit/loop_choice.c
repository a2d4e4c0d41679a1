/* SPDX-License-Identifier: MIT */
/* detector/loop_choice.c: OFFLOOP_LOOP. */
#include "detector/loop_choice.h"

#include <criterion/criterion.h>

#include "listener.h"

static struct ol_loop_choice choice;
static struct listener listener;

static void choose(const char *text)
{
    listener.count = 0;
    ol_loop_choice_parse(&choice, text, hear, &listener);
}

static bool waits_by_poll(void)
{
    bool polls = ol_loop_choice_waits(&choice, OL_WAIT_poll);
    cr_assert_eq(polls, ol_loop_choice_waits(&choice, OL_WAIT_select)); /* one word for both */
    return polls;
}

static bool waits_for_rings(void)
{
    return ol_loop_choice_waits(&choice, OL_WAIT_ring);
}

Test(loop_choice, auto_takes_every_thread)
{
    choose("auto");
    cr_assert(choice.automatic);
    cr_assert_not(choice.main_only);
    cr_assert_not(choice.api_only);
    cr_assert_not(waits_by_poll());
    cr_assert_not(ol_loop_choice_names(&choice, "anything"));
    cr_assert_eq(listener.count, 0);
}

Test(loop_choice, nothing_said_is_auto)
{
    choose(" ");
    cr_assert(choice.automatic);
    cr_assert_eq(listener.count, 0);
}

Test(loop_choice, wait_poll_alone_stays_auto)
{
    choose("wait=poll");
    cr_assert(choice.automatic);
    cr_assert(waits_by_poll());
}

Test(loop_choice, waits_add_up)
{
    choose("wait=io_uring");
    cr_assert(choice.automatic);
    cr_assert(waits_for_rings());
    cr_assert_not(waits_by_poll());
    choose("main,wait=io_uring,wait=poll");
    cr_assert(waits_for_rings() && waits_by_poll() && choice.main_only);
    cr_assert_eq(listener.count, 0);
}

Test(loop_choice, workers_choose_no_thread)
{
    choose("workers");
    cr_assert(choice.automatic && choice.workers);
    choose("main,workers");
    cr_assert(choice.main_only && choice.workers && !choice.automatic);
    cr_assert_eq(listener.count, 0);
}

Test(loop_choice, main_takes_no_thread_by_name)
{
    choose("main");
    cr_assert(choice.main_only);
    cr_assert_not(choice.automatic);
    cr_assert_not(ol_loop_choice_names(&choice, "python3"));
}

Test(loop_choice, api_alone_takes_marked_threads_only)
{
    choose("api");
    cr_assert(choice.api_only);
    cr_assert_not(choice.automatic);
    cr_assert_not(ol_loop_choice_names(&choice, "python3"));
}

Test(loop_choice, words_add_up)
{
    choose(" Main , api,thread=worker-*,thread=io[0-9]");
    cr_assert(choice.main_only);
    cr_assert_not(choice.api_only);
    cr_assert(ol_loop_choice_names(&choice, "worker-12"));
    cr_assert(ol_loop_choice_names(&choice, "io3"));
    cr_assert_not(ol_loop_choice_names(&choice, "io33"));
    cr_assert_eq(listener.count, 0);
}

Test(loop_choice, names_of_threads_keep_their_case)
{
    choose("THREAD=Worker");
    cr_assert(ol_loop_choice_names(&choice, "Worker"));
    cr_assert_not(ol_loop_choice_names(&choice, "worker"));
}

Test(loop_choice, wrong_words_are_named_with_the_nearest)
{
    choose("mian,thread=a");
    cr_assert_str_eq(listener.last,
                     "OFFLOOP_LOOP: unknown way to find loops 'mian': did you mean 'main'?");
    cr_assert_not(choice.main_only);
    cr_assert(ol_loop_choice_names(&choice, "a"));
    choose("thred=a");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_LOOP: unknown way to find loops 'thred=a': did you mean 'thread=GLOB'?");
    choose("wait=epoll");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_LOOP: unknown way to find loops 'wait=epoll': did you mean 'wait=poll'?");
    choose("wait=uring");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_LOOP: unknown way to find loops 'wait=uring': did you mean 'wait=io_uring'?");
    choose("thread");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_LOOP: unknown way to find loops 'thread': did you mean 'thread=GLOB'?");
    choose("xyzzy");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_LOOP: unknown way to find loops 'xyzzy': valid are auto, main, thread=GLOB, api, "
        "workers, wait=poll, wait=io_uring");
}

Test(loop_choice, nothing_but_wrong_words_is_auto)
{
    choose("mian");
    cr_assert(choice.automatic);
}

Test(loop_choice, empty_parts_and_empty_names_are_told)
{
    choose("main,");
    cr_assert_eq(listener.count, 1);
    choose("thread=");
    cr_assert_eq(listener.count, 1);
    cr_assert(choice.automatic);
}

Test(loop_choice, a_ninth_glob_is_told_and_left_out)
{
    choose("thread=1,thread=2,thread=3,thread=4,thread=5,thread=6,thread=7,thread=8,thread=9");
    cr_assert_eq(listener.count, 1);
    cr_assert_eq(choice.glob_count, 8);
    cr_assert(ol_loop_choice_names(&choice, "8"));
    cr_assert_not(ol_loop_choice_names(&choice, "9"));
}
