/* SPDX-License-Identifier: MIT */
/* A wait on its way, and the ways in which loops wait. */
#ifndef OFFLOOP_LOOP_WAIT_H
#define OFFLOOP_LOOP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* How loops wait. POLL and SELECT count only for known loop libraries, or everywhere with
 * OFFLOOP_LOOP=wait=poll; RING, a wait for completions of an io_uring, only for those that run
 * loops on one, or everywhere with OFFLOOP_LOOP=wait=io_uring: storage engines wait so in their
 * workers. */
enum ol_wait_kind {
    OL_WAIT_none,
    OL_WAIT_epoll,
    OL_WAIT_poll,
    OL_WAIT_select,
    OL_WAIT_ring,
    OL_WAIT_api
};

/* A wait on its way. */
struct ol_wait {
    enum ol_wait_kind kind;
    const char *name; /* "epoll_wait" */
    int fd;           /* the epoll descriptor, or the ring's where it is known; else -1 */
    const void *ring; /* what liburing knows it by, or NULL */
    int among;        /* of a poll() or select(): an epoll descriptor in its set, else -1 */
    bool immediate;   /* timeout 0: does not wait */
    bool hands_over;  /* a ring: awaits exactly what it submits, as libuv does with its epoll_ctl
                         calls */
    const void *caller;
    uintptr_t stack; /* address of the wrapper's frame */
};

#endif
