/* SPDX-License-Identifier: MIT */
/* A Node add-on: a thread of it starts a timer of node's loop ("wrong" in ADDON), or wakes it as is
 * right. node itself defines uv_*. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

static uv_async_t wake;
static uv_timer_t timer;

static void end(uv_timer_t *handle)
{
    uv_close((uv_handle_t *)handle, NULL);
    uv_close((uv_handle_t *)&wake, NULL);
}

static void woken(uv_async_t *handle)
{
    uv_timer_start(&timer, end, 100, 0);
}

static void *touch(void *how)
{
    usleep(300000);
    if (how && strcmp(how, "wrong") == 0)
        uv_timer_start(&timer, end, 1000, 0);
    uv_async_send(&wake);
    return NULL;
}

__attribute__((visibility("default"))) void *napi_register_module_v1(void *env, void *exports)
{
    pthread_t thread;
    uv_async_init(uv_default_loop(), &wake, woken);
    uv_timer_init(uv_default_loop(), &timer);
    pthread_create(&thread, NULL, touch, getenv("ADDON"));
    pthread_detach(thread);
    return exports;
}
