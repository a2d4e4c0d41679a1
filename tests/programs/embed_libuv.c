/* SPDX-License-Identifier: MIT */
/* libuv inside of another loop, as in electron: a thread of its own waits until libuv has something
 * to do, then lets the main thread do it, and waits until it is done. The argument says on what it
 * waits: "same" (libuv's own descriptor) or "holding" (a set that holds it). "taken": the main thread
 * only looks once, and the other one takes the loop over. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

static sem_t ready, done;
static int waits_on;
static int ticks;
static int over;

static void offend(void)
{
    close(open("/etc/hostname", O_RDONLY));
}

static void tick(uv_timer_t *timer)
{
    (void)timer;
    close(open("/etc/hosts", O_RDONLY));
    ticks++;
}

static void *wait_for_main(void *unused)
{
    struct epoll_event event;
    while (!over) {
        epoll_wait(waits_on, &event, 1, 5);
        offend(); /* on a thread that is no loop */
        sem_post(&ready);
        sem_wait(&done);
    }
    return unused;
}

static void *take_over(void *unused)
{
    struct epoll_event event;
    for (int i = 0; i < 4; i++) {
        epoll_wait(waits_on, &event, 1, 1);
        offend();
    }
    return unused;
}

int main(int count, char **words)
{
    uv_loop_t *loop = uv_default_loop();
    uv_timer_t timer;
    uv_async_t async; /* something with a descriptor: libuv looks at none otherwise */
    pthread_t thread;
    sem_init(&ready, 0, 0);
    sem_init(&done, 0, 0);
    uv_async_init(loop, &async, NULL);
    uv_timer_init(loop, &timer);
    uv_timer_start(&timer, tick, 1, 2);
    uv_run(loop, UV_RUN_NOWAIT);
    waits_on = uv_backend_fd(loop);
    if (count > 1 && strcmp(words[1], "holding") == 0) {
        struct epoll_event event = {.events = EPOLLIN};
        int set = epoll_create1(0);
        epoll_ctl(set, EPOLL_CTL_ADD, waits_on, &event);
        waits_on = set;
    }
    if (count > 1 && strcmp(words[1], "taken") == 0) {
        pthread_create(&thread, NULL, take_over, NULL);
        pthread_join(thread, NULL);
        return 0;
    }
    pthread_create(&thread, NULL, wait_for_main, NULL);
    while (ticks < 10) {
        sem_wait(&ready);
        uv_run(loop, UV_RUN_NOWAIT);
        over = ticks >= 10;
        sem_post(&done);
    }
    pthread_join(thread, NULL);
    return 0;
}
