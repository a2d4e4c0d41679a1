/* SPDX-License-Identifier: MIT */
/* A loop of the program's own: one turn on this thread, in which `callback` runs. */
#ifndef TURN_H
#define TURN_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static inline void turn(void (*callback)(void))
{
    struct epoll_event event = {.events = EPOLLIN};
    int ready = eventfd(1, EFD_NONBLOCK);
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, ready, &event);
    epoll_wait(epoll, &event, 1, 1000);
    callback();
    epoll_wait(epoll, &event, 1, 0);
    close(epoll);
    close(ready);
}

#endif
