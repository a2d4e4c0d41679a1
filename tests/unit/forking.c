/* SPDX-License-Identifier: MIT */
/* detector/forking.c: what a fork waits for, and what waits for a fork. */
#include "detector/forking.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static void *run(void *function)
{
    ((void (*)(void))(uintptr_t)function)();
    return NULL;
}

static pthread_t start(void (*function)(void))
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, run, (void *)(uintptr_t)function), 0);
    return thread;
}

static void another_thread(void (*function)(void))
{
    pthread_join(start(function), NULL);
}

Test(forking, what_can_be_put_off_is_while_a_thread_forks)
{
    another_thread(ol_forking_begins);
    cr_assert_not(ol_forking_try());
    another_thread(ol_forking_is_over);
    cr_assert(ol_forking_try());
    ol_forking_leave();
    cr_assert_not(ol_forking_left_behind());
}

Test(forking, what_can_not_be_put_off_begins_in_the_end)
{
    another_thread(ol_forking_begins);
    another_thread(ol_forking_enter);
    cr_assert(ol_forking_left_behind());
}

Test(forking, a_child_knows_once_that_something_was_left_and_forks_no_more)
{
    another_thread(ol_forking_enter);
    ol_forking_begins(); /* not for ever: whoever is in there may wait for us */
    cr_assert(ol_forking_left_behind());
    cr_assert_not(ol_forking_left_behind());
    cr_assert(ol_forking_try());
}

static _Atomic bool has_begun;
static _Atomic bool is_over;

static void work(void)
{
    ol_forking_enter();
    has_begun = true;
    usleep(20000);
    is_over = true;
    ol_forking_leave();
}

Test(forking, a_fork_waits_for_what_was_begun)
{
    pthread_t thread = start(work);
    while (!has_begun)
        usleep(100);
    ol_forking_begins();
    cr_assert(is_over);
    cr_assert_not(ol_forking_left_behind());
    pthread_join(thread, NULL);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As in a handler: it has interrupted the thread in there. */
Test(forking, a_fork_does_not_wait_for_its_own_thread)
{
    double before = seconds();
    ol_forking_enter();
    ol_forking_begins();
    ol_forking_is_over();
    cr_assert_lt(seconds() - before, 0.9, "a fork gives up after a second");
    ol_forking_begins();
    cr_assert_not(ol_forking_left_behind(), "the child's own thread will be over with it");
    ol_forking_leave();
    ol_forking_begins();
    cr_assert_not(ol_forking_left_behind());
}

Test(forking, what_a_handler_begins_does_not_wait_for_the_fork_that_it_interrupts)
{
    ol_forking_begins();
    cr_assert(ol_forking_try());
    ol_forking_leave();
    ol_forking_is_over();
}
