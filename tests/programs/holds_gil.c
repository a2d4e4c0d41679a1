/* SPDX-License-Identifier: MIT */
/* A library of Python's: one thread runs a loop without the interpreter's lock, another one waits
 * for it with the lock. */
#include <semaphore.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static sem_t begun, held, done;

__attribute__((constructor)) static void prepare(void)
{
    sem_init(&begun, 0, 0);
    sem_init(&held, 0, 0);
    sem_init(&done, 0, 0);
}

void run_loop(void)
{
    struct epoll_event event;
    int loop = epoll_create1(0);
    sem_post(&begun);
    sem_wait(&held);
    for (int i = 0; i < 3; i++)
        epoll_wait(loop, &event, 1, 1);
    sem_post(&done);
    close(loop);
}

/* 0: the loop has run. */
int wait_for_loop(void)
{
    struct timespec end;
    sem_wait(&begun);
    sem_post(&held);
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 20;
    return sem_timedwait(&done, &end);
}
