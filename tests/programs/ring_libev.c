/* SPDX-License-Identifier: MIT */
/* A loop of libev's on an io_uring: five turns of a stat(). 77 where there is no such backend. */
#include <ev.h>
#include <sys/stat.h>

static void tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    static int ticks;
    struct stat status;
    (void)timer;
    (void)events;
    stat("/etc/passwd", &status);
    if (++ticks == 5)
        ev_break(loop, EVBREAK_ALL);
}

int main(void)
{
    struct ev_loop *loop = ev_default_loop(0x80 /* EVBACKEND_IOURING */);
    ev_timer timer;
    if (!loop || ev_backend(loop) != 0x80)
        return 77;
    ev_timer_init(&timer, tick, 0.005, 0.005);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    return 0;
}
