/* SPDX-License-Identifier: MIT */
/* A libevent loop on the main thread; another thread adds an event to it. argv[1]: "plain" without
 * locks, "locked" with evthread. argv[2] "bufferevent": a bufferevent of that base is written to,
 * "threadsafe" one with BEV_OPT_THREADSAFE. */
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct event *timer;
static struct bufferevent *pair[2];
static const char *what = "";

static void done(int fd, short events, void *base)
{
    event_base_loopbreak(base);
}

static void *touch(void *unused)
{
    struct timeval soon = {0, 1000};
    usleep(50000);
    if (what[0])
        bufferevent_write(pair[0], "x", 1);
    else
        printf("result %d\n", event_add(timer, &soon));
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc > 1 && strcmp(argv[1], "locked") == 0)
        evthread_use_pthreads();
    what = argc > 2 ? argv[2] : "";
    struct event_base *base = event_base_new();
    struct timeval end = {0, 200000};
    struct event *last = event_new(base, -1, EV_TIMEOUT, done, base);
    timer = event_new(base, -1, EV_TIMEOUT, done, base);
    event_add(last, &end);
    if (what[0])
        bufferevent_pair_new(base, strcmp(what, "threadsafe") == 0 ? BEV_OPT_THREADSAFE : 0, pair);
    pthread_create(&thread, NULL, touch, NULL);
    event_base_dispatch(base);
    pthread_join(thread, NULL);
    event_free(timer);
    event_free(last);
    event_base_free(base);
    puts("done");
    return 0;
}
