/* SPDX-License-Identifier: MIT */
/* A library with a thread of its own that waits as loops do, and works in between. Loaded by
 * tests/e2e/programs/loops_of_a_library.py. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <unistd.h>

static pthread_t thread;
static sem_t unnamed, named;

static void work(void)
{
    close(open("/etc/hostname", O_RDONLY));
}

static void *by_epoll(void *unused)
{
    struct epoll_event event;
    int set = epoll_create1(0);
    pthread_setname_np(pthread_self(), "theirs-1");
    for (int i = 0; i < 5; i++, work())
        epoll_wait(set, &event, 1, 2);
    close(set);
    return unused;
}

static void *by_poll(void *unused)
{
    int ends[2];
    pthread_setname_np(pthread_self(), "theirs-1");
    if (pipe(ends) == 0) {
        struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
        for (int i = 0; i < 5; i++, work())
            poll(&wanted, 1, 2);
    }
    return unused;
}

/* Gets its name from another thread, when it has been a loop for a while. */
static void *named_late(void *unused)
{
    struct epoll_event event;
    int set = epoll_create1(0);
    for (int i = 0; i < 2; i++, work())
        epoll_wait(set, &event, 1, 2);
    sem_post(&unnamed);
    sem_wait(&named);
    for (int i = 0; i < 3; i++) {
        epoll_wait(set, &event, 1, 2);
        close(open("/etc/passwd", O_RDONLY));
    }
    return unused;
}

void begin(int how)
{
    static void *(*const ways[])(void *) = {by_epoll, by_poll, named_late};
    pthread_create(&thread, NULL, ways[how], NULL);
    if (how < 2)
        return;
    sem_wait(&unnamed);
    pthread_setname_np(thread, "theirs-1");
    sem_post(&named);
}

void end(void)
{
    pthread_join(thread, NULL);
}
