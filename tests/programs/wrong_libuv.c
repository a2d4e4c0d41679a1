/* SPDX-License-Identifier: MIT */
/* A libuv loop on the main thread. "wrong": another thread starts a timer of it; "right": that
 * thread sends an async, and the timer is started on the loop; "two": each of two threads runs a
 * loop, and touches its own. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

static uv_async_t wake;
static uv_timer_t timer;
static int result;

static void stop(uv_timer_t *handle)
{
    uv_close((uv_handle_t *)handle, NULL);
    uv_close((uv_handle_t *)&wake, NULL);
}

static void woken(uv_async_t *handle)
{
    uv_timer_start(&timer, stop, 10, 0);
}

static void *wrong(void *unused)
{
    result = uv_timer_start(&timer, stop, 50, 0);
    uv_async_send(&wake);
    return NULL;
}

static void *right(void *unused)
{
    uv_async_send(&wake);
    return NULL;
}

static void close_only(uv_timer_t *handle)
{
    uv_close((uv_handle_t *)handle, NULL);
}

static void *own_loop(void *unused)
{
    uv_loop_t loop;
    uv_timer_t own;
    uv_loop_init(&loop);
    uv_timer_init(&loop, &own);
    uv_timer_start(&own, close_only, 5, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    right(NULL);
    return NULL;
}

static pthread_t thread;
static void *(*begin)(void *);

static void launched(uv_timer_t *handle)
{
    uv_close((uv_handle_t *)handle, NULL);
    pthread_create(&thread, NULL, begin, NULL);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "right";
    begin = strcmp(how, "wrong") == 0 ? wrong : strcmp(how, "two") == 0 ? own_loop : right;
    uv_loop_t *loop = uv_default_loop();
    uv_async_init(loop, &wake, woken);
    uv_timer_init(loop, &timer);
    uv_timer_t launch; /* so that the loop runs for certain */
    uv_timer_init(loop, &launch);
    uv_timer_start(&launch, launched, 10, 0);
    uv_run(loop, UV_RUN_DEFAULT);
    pthread_join(thread, NULL);
    printf("result %d\n", result);
    return 0;
}
