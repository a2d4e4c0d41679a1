/* SPDX-License-Identifier: MIT */
/* Which thread runs which loop, and who is told that it is the wrong one. Threads here are real:
 * the loop's is the test's own, the caller's another one, or the other way round. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "detector/affinity.h"
#include "detector/process.h"
#include "detector/thread.h"

static char loop[128]; /* stands for a loop; its descriptor is at 64 */
static struct handle {
    void *data;
    void *loop;
} handle = {.loop = loop};

static struct ol_function timer_start = {.name = "uv_timer_start",
                                         .kind = OL_KIND_loop_only,
                                         .belongs = OL_BELONGS_argument,
                                         .indirect = true,
                                         .offset = 8};
static struct ol_function of_loop = {
    .name = "uv_stop", .kind = OL_KIND_loop_only, .belongs = OL_BELONGS_argument};

static char told[200];

static bool asked(const struct ol_function *function, const void *object)
{
    struct ol_text words = OL_TEXT(told);
    return ol_affinity_wrong(function, object, &words);
}

static bool answer;
static const struct ol_function *question;
static const void *about;

static void *ask(void *unused)
{
    answer = asked(question, about);
    return unused;
}

static bool asked_elsewhere(const struct ol_function *function, const void *object)
{
    pthread_t thread;
    question = function;
    about = object;
    cr_assert_eq(pthread_create(&thread, NULL, ask, NULL), 0);
    pthread_join(thread, NULL);
    return answer;
}

static void start(void)
{
    ol_process.pid = getpid();
}

TestSuite(affinity, .init = start);

Test(affinity, a_loop_that_nobody_runs_judges_nobody)
{
    cr_assert_not(asked_elsewhere(&timer_start, &handle));
}

Test(affinity, the_running_thread_is_right_and_another_wrong)
{
    int running = ol_affinity_begin(loop, -1);
    cr_assert_not(asked(&timer_start, &handle));
    cr_assert(asked_elsewhere(&timer_start, &handle));
    cr_assert_not_null(strstr(told, "called on thread "));
    cr_assert_not_null(strstr(told, ", loop runs on "));
    cr_assert(asked_elsewhere(&of_loop, loop));
    ol_affinity_end(running);
    cr_assert_not(asked_elsewhere(&timer_start, &handle));
}

Test(affinity, another_loop_is_judged_by_its_own_thread)
{
    static char other[128];
    struct handle of_other = {.loop = other};
    ol_affinity_begin(loop, -1);
    cr_assert_not(asked_elsewhere(&timer_start, &of_other));
}

Test(affinity, a_loop_is_known_by_its_descriptor)
{
    struct ol_function function = timer_start;
    function.descriptor = 64;
    memcpy(loop + 64, &(int){17}, sizeof(int));
    ol_affinity_begin(NULL, 17);
    cr_assert(asked_elsewhere(&function, &handle));
    memcpy(loop + 64, &(int){18}, sizeof(int));
    cr_assert_not(asked_elsewhere(&function, &handle));
}

Test(affinity, null_is_nobodys)
{
    ol_affinity_begin(loop, -1);
    cr_assert_not(asked_elsewhere(&timer_start, NULL));
    cr_assert_not(asked_elsewhere(&timer_start, (void *)8));
}

Test(affinity, a_loop_with_a_lock_is_everybodys)
{
    ol_affinity_begin(loop, -1);
    ol_affinity_bind(loop, loop, true);
    cr_assert_not(asked_elsewhere(&timer_start, &handle));
    ol_affinity_forget(loop);
    cr_assert(asked_elsewhere(&timer_start, &handle));
}

Test(affinity, an_object_without_a_lock_is_not_saved_by_its_loops)
{
    ol_affinity_begin(loop, -1);
    ol_affinity_bind(loop, loop, true);
    ol_affinity_bind(&handle, loop, false);
    cr_assert(asked_elsewhere(&timer_start, &handle));
    ol_affinity_bind(&handle, loop, true);
    cr_assert_not(asked_elsewhere(&timer_start, &handle));
}

Test(affinity, some_loop_thread_is_enough_by_default)
{
    const struct ol_function function = {.kind = OL_KIND_loop_only, .belongs = OL_BELONGS_any};
    cr_assert_not(asked_elsewhere(&function, NULL));
    ol_affinity_begin(NULL, 3);
    cr_assert_not(asked(&function, NULL));
    cr_assert(asked_elsewhere(&function, NULL));
}

Test(affinity, off_loop_only_is_wrong_in_a_turn_of_the_loop)
{
    const struct ol_function function = {.kind = OL_KIND_off_loop_only,
                                         .belongs = OL_BELONGS_argument};
    ol_affinity_begin(loop, -1);
    cr_assert_not(asked(&function, loop));
    ol_self.armed = true;
    cr_assert(asked(&function, loop));
    ol_self.armed = false;
    cr_assert_not(asked_elsewhere(&function, loop));
}

Test(affinity, a_forked_child_runs_nothing)
{
    ol_affinity_begin(loop, -1);
    ol_affinity_forked();
    cr_assert_not(asked_elsewhere(&timer_start, &handle));
}

Test(affinity, a_run_that_was_seen_counts_for_more_than_a_descriptor)
{
    struct ol_function function = timer_start;
    function.descriptor = 64;
    memcpy(loop + 64, &(int){17}, sizeof(int));
    int waiting = ol_affinity_begin(NULL, 17);
    ol_affinity_run_is_seen(loop);
    cr_assert_not(asked_elsewhere(&function, &handle));
    ol_affinity_forget(loop);
    cr_assert(asked_elsewhere(&function, &handle));
    ol_affinity_left(waiting);
    cr_assert_not(asked_elsewhere(&function, &handle));
}

Test(affinity, memory_that_is_not_there_is_no_loop)
{
    struct ol_function function = timer_start;
    struct handle nonsense = {.loop = (void *)(uintptr_t)0xdead000000000005};
    function.descriptor = 64;
    ol_affinity_begin(NULL, 17);
    cr_assert_not(asked_elsewhere(&function, &nonsense));
}

/* The end of a page, behind which nothing is: an object that begins there is not all there. */
static char *end_of_a_page(void)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(munmap(pages + 4096, 4096), 0);
    return pages + 4096;
}

Test(affinity, an_object_that_is_not_there_leads_to_no_loop)
{
    ol_affinity_begin(loop, -1);
    char *end = end_of_a_page();
    cr_assert_not(asked_elsewhere(&timer_start, end));
    cr_assert_not(asked_elsewhere(&timer_start, end - sizeof handle.data));
    cr_assert_not(asked_elsewhere(&timer_start, end - sizeof handle.data - 4), "half of it");
    cr_assert_not(asked_elsewhere(&timer_start, (const void *)0x123456789a));
    memcpy(end - sizeof handle, &handle, sizeof handle);
    cr_assert(asked_elsewhere(&timer_start, end - sizeof handle), "all of it");
}

Test(affinity, a_part_is_as_the_whole_is)
{
    static char whole[16], part[16];
    ol_affinity_begin(loop, -1);
    ol_affinity_bind(whole, loop, false);
    ol_affinity_bind_part(whole, part);
    cr_assert(asked_elsewhere(&of_loop, part));
    ol_affinity_bind(part, loop, true); /* it got a lock of its own */
    ol_affinity_bind_part(whole, part);
    cr_assert_not(asked_elsewhere(&of_loop, part));
}

Test(affinity, parts_go_with_the_whole)
{
    static char whole[16], part[16], second[16];
    ol_affinity_begin(loop, -1);
    ol_affinity_bind(whole, loop, false);
    ol_affinity_bind_part(whole, part);
    ol_affinity_bind_part(whole, second);
    ol_affinity_forget(whole);
    cr_assert_not(asked_elsewhere(&of_loop, part));
    cr_assert_not(asked_elsewhere(&of_loop, second));
}

static void *make(void *object)
{
    ol_affinity_bind(object, loop, false);
    about = object;
    question = &of_loop;
    return ask(NULL);
}

Test(affinity, its_maker_gets_it_ready_for_a_loop_with_a_lock)
{
    static char object[16];
    pthread_t thread;
    ol_affinity_begin(loop, -1);
    ol_affinity_bind(loop, loop, true);
    pthread_create(&thread, NULL, make, object);
    pthread_join(thread, NULL);
    cr_assert_not(answer);
    cr_assert_not(asked(&of_loop, object)); /* the loop has it now */
    cr_assert(asked_elsewhere(&of_loop, object));
}

Test(affinity, full_tables_are_no_trouble)
{
    for (int i = 0; i < 1000; i++)
        ol_affinity_begin(&handle, -1);
    cr_assert_eq(ol_affinity_begin(loop, -1), -1);
    for (uintptr_t i = 1; i < 10000; i++)
        ol_affinity_bind((void *)(i * 4096), loop, true);
    ol_affinity_thread_ends();
    cr_assert_geq(ol_affinity_begin(loop, -1), 0);
    cr_assert(asked_elsewhere(&timer_start, &handle));
}
