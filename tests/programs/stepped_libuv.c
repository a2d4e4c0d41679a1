/* SPDX-License-Identifier: MIT */
/* -luv */
#include "stepped.h"

#include <uv.h>

static uv_timer_t each, last;

static void fires(uv_timer_t *timer)
{
    on_timer();
}

static void ends(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void start(void)
{
    uv_timer_init(uv_default_loop(), &each);
    uv_timer_init(uv_default_loop(), &last);
    uv_timer_start(&each, fires, 1, 1);
}

static void step(void)
{
    uv_run(uv_default_loop(), UV_RUN_ONCE);
}

static void look(void)
{
    uv_run(uv_default_loop(), UV_RUN_NOWAIT);
}

static void run(void)
{
    uv_timer_start(&last, ends, 5, 0);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
