/* SPDX-License-Identifier: MIT */
/* -levent */
#include "stepped.h"

#include <event2/event.h>

static struct event_base *base;

static void fires(evutil_socket_t fd, short what, void *unused)
{
    on_timer();
}

static void start(void)
{
    base = event_base_new();
    event_add(event_new(base, -1, EV_PERSIST, fires, NULL), &(struct timeval){0, 1000});
}

static void step(void)
{
    event_base_loop(base, EVLOOP_ONCE);
}

static void look(void)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void run(void)
{
    event_base_loopexit(base, &(struct timeval){0, 5000});
    event_base_dispatch(base);
}
