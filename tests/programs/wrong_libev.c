/* SPDX-License-Identifier: MIT */
/* A libev loop on the main thread; another thread starts a timer of it ("wrong"), sends an async
 * ("right"), or starts it under the lock that the loop gives up while it waits ("released"). */
#include <ev.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ev_timer end, timer;
static ev_async wake;
static struct ev_loop *loop;
static const char *how = "right";
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void release(struct ev_loop *unused)
{
    pthread_mutex_unlock(&lock);
}

static void acquire(struct ev_loop *unused)
{
    pthread_mutex_lock(&lock);
}

static void done(struct ev_loop *of, ev_timer *watcher, int events)
{
    ev_break(of, EVBREAK_ALL);
}

static void woken(struct ev_loop *of, ev_async *watcher, int events)
{
    ev_timer_start(of, &timer);
}

static void *touch(void *unused)
{
    usleep(50000);
    pthread_mutex_lock(&lock);
    if (strcmp(how, "right") != 0)
        ev_timer_start(loop, &timer);
    ev_async_send(loop, &wake);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    how = argc > 1 ? argv[1] : how;
    loop = ev_default_loop(0);
    ev_timer_init(&end, done, 0.2, 0);
    ev_timer_init(&timer, done, 0.001, 0);
    ev_async_init(&wake, woken);
    ev_timer_start(loop, &end);
    ev_async_start(loop, &wake);
    if (strcmp(how, "released") == 0) {
        ev_set_loop_release_cb(loop, release, acquire);
        pthread_mutex_lock(&lock);
    }
    pthread_create(&thread, NULL, touch, NULL);
    ev_run(loop, 0);
    if (strcmp(how, "released") == 0)
        pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
