/* SPDX-License-Identifier: MIT */
/* -lev */
#include "stepped.h"

#include <ev.h>

static struct ev_loop *loop;
static ev_timer each, last;

static void fires(struct ev_loop *of, ev_timer *timer, int events)
{
    on_timer();
}

static void ends(struct ev_loop *of, ev_timer *timer, int events)
{
    ev_break(of, EVBREAK_ALL);
}

static void start(void)
{
    loop = ev_default_loop(0);
    ev_timer_init(&each, fires, 0.001, 0.001);
    ev_timer_start(loop, &each);
}

static void step(void)
{
    ev_run(loop, EVRUN_ONCE);
}

static void look(void)
{
    ev_run(loop, EVRUN_NOWAIT);
}

static void run(void)
{
    ev_timer_init(&last, ends, 0.005, 0);
    ev_timer_start(loop, &last);
    ev_run(loop, 0);
}
