/* SPDX-License-Identifier: MIT */
/* offloop.h, function by function. Each call says by its path whether it is told of: told("x")
 * looks at /told/x, silent("x") at /silent/x. Stdout lists what has to be told of, and whether the
 * library is there. C11 and C++11 (api.cpp).
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "offloop.h"

#define NOINLINE __attribute__((noinline))

static NOINLINE void ask(const char *kind, const char *what)
{
    char path[200];
    snprintf(path, sizeof path, "/%s/%s", kind, what);
    access(path, F_OK);
}

static void told(const char *what)
{
    printf("/told/%s\n", what);
    ask("told", what);
}

static void silent(const char *what)
{
    ask("silent", what);
}

static NOINLINE void stat_it(const char *kind, const char *what)
{
    struct stat status;
    char path[200];
    snprintf(path, sizeof path, "/%s/%s", kind, what);
    stat(path, &status);
}

static void marks(void)
{
    silent("before-enter");
    offloop_loop_leave();
    silent("after-a-lone-leave");
    offloop_loop_enter("mine");
    told("after-enter");
    offloop_loop_enter("again");
    told("after-a-second-enter");
    offloop_loop_leave();
    silent("after-leave");
    offloop_loop_enter(NULL);
    told("entered-once-more");
    offloop_loop_leave();
}

static void allowances(void)
{
    offloop_loop_enter("allowing");
    told("before-allow");
    offloop_allow_begin("access");
    silent("in-allow");
    printf("/told/another-rule\n");
    stat_it("told", "another-rule");
    offloop_allow_begin(NULL);
    stat_it("silent", "in-allow-of-all");
    silent("in-allow-of-all");
    offloop_allow_begin("no-such-rule");
    silent("three-deep");
    offloop_allow_end();
    offloop_allow_end();
    printf("/told/another-rule-after-the-inner-end\n");
    stat_it("told", "another-rule-after-the-inner-end");
    silent("after-the-inner-end");
    offloop_allow_end();
    told("after-the-outer-end");
    offloop_allow_end();
    told("after-an-end-too-many");
    offloop_allow_begin("no-such-rule");
    told("in-allow-of-no-such-rule");
    offloop_allow_end();
    offloop_loop_leave();
}

static void deep_allowances(void)
{
    offloop_loop_enter("deep");
    for (int i = 0; i < 12; i++)
        offloop_allow_begin(i < 8 ? "stat" : "access");
    told("deeper-than-eight-changes-nothing");
    stat_it("silent", "eight-deep");
    for (int i = 0; i < 11; i++)
        offloop_allow_end();
    stat_it("silent", "down-to-one");
    offloop_allow_end();
    printf("/told/down-to-none\n");
    stat_it("told", "down-to-none");
    offloop_loop_leave();
}

/* A loop that was found by its wait is none of offloop_loop_leave()'s. */
static void found_loops(void)
{
    struct epoll_event event;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_wait(fd, &event, 1, 0);
    told("after-a-wait");
    offloop_loop_leave();
    told("after-a-leave-without-an-enter");
    close(fd);
    silent("after-the-descriptor-was-closed");
}

/* Waits inside of a marked loop are its own: they end no loop and are no violation. */
static void waits_of_a_marked_loop(void)
{
    struct epoll_event event;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    offloop_loop_enter("waiting");
    epoll_wait(fd, &event, 1, 0);
    epoll_wait(fd, &event, 1, 1);
    told("in-a-marked-loop-after-its-wait");
    offloop_loop_leave();
    silent("after-a-marked-loop-that-waited");
    close(fd);
}

static void *other_thread(void *unused)
{
    (void)unused;
    silent("in-another-thread");
    offloop_loop_enter("other");
    told("in-another-thread-after-enter");
    return NULL; /* without a leave */
}

static void threads(void)
{
    pthread_t thread;
    offloop_loop_enter("first");
    if (pthread_create(&thread, NULL, other_thread, NULL) != 0)
        return;
    offloop_allow_begin(NULL);
    pthread_join(thread, NULL);
    offloop_allow_end();
    told("while-another-thread-ends");
    offloop_loop_leave();
}

static int keeps_errno(void)
{
    errno = E2BIG;
    offloop_loop_enter("errno");
    offloop_allow_begin("open");
    offloop_allow_end();
    offloop_loop_leave();
    offloop_active();
    return errno == E2BIG;
}

int main(void)
{
    printf("active %d\n", offloop_active());
    marks();
    allowances();
    deep_allowances();
    found_loops();
    waits_of_a_marked_loop();
    threads();
    return keeps_errno() ? 0 : 1;
}
