/* detector/forking.c: what a fork waits for, and what waits for a fork. */
#include "detector/forking.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

Test(forking, what_can_be_put_off_is_while_a_thread_forks)
{
    ol_forking_begins();
    cr_assert_not(ol_forking_try());
    ol_forking_is_over();
    cr_assert(ol_forking_try());
    ol_forking_leave();
    cr_assert_not(ol_forking_left_behind());
}

Test(forking, what_can_not_be_put_off_begins_in_the_end)
{
    ol_forking_begins();
    ol_forking_enter();
    cr_assert(ol_forking_left_behind());
}

Test(forking, a_child_knows_once_that_something_was_left_and_forks_no_more)
{
    ol_forking_enter();
    ol_forking_begins(); /* not for ever: whoever is in there may wait for us */
    cr_assert(ol_forking_left_behind());
    cr_assert_not(ol_forking_left_behind());
    cr_assert(ol_forking_try());
}

static _Atomic bool is_over;

static void *work(void *unused)
{
    usleep(20000);
    is_over = true;
    ol_forking_leave();
    return NULL;
}

Test(forking, a_fork_waits_for_what_was_begun)
{
    pthread_t thread;
    ol_forking_enter();
    cr_assert_eq(pthread_create(&thread, NULL, work, NULL), 0);
    ol_forking_begins();
    cr_assert(is_over);
    cr_assert_not(ol_forking_left_behind());
    pthread_join(thread, NULL);
}
