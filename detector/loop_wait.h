/* SPDX-License-Identifier: MIT */
/* A wait on its way, and the ways in which loops wait. */
#ifndef OFFLOOP_LOOP_WAIT_H
#define OFFLOOP_LOOP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

enum ol_wait_kind {
#define LOOP_WAIT(kind, word, descriptor, set, trusted) OL_WAIT_##kind,
#include "loop_waits.def"
#undef LOOP_WAIT
    OL_WAIT_COUNT
};

/* Of a row of loop_waits.def, which says what the columns mean, what is asked at each wait: the
 * compiler makes comparisons of it. */
static inline bool ol_loop_wait_is_on_descriptor(uint8_t asked)
{
    return false
#define LOOP_WAIT(kind, word, descriptor, set, trusted) || ((descriptor) && asked == OL_WAIT_##kind)
#include "loop_waits.def"
#undef LOOP_WAIT
        ;
}

static inline bool ol_loop_wait_is_for_set(uint8_t asked)
{
    return false
#define LOOP_WAIT(kind, word, descriptor, set, trusted) || ((set) && asked == OL_WAIT_##kind)
#include "loop_waits.def"
#undef LOOP_WAIT
        ;
}

/* The rest of a row. */
struct ol_loop_wait_row {
    const char *word;
    uint8_t trusted; /* enum ol_loops_by of module.h */
};
extern const struct ol_loop_wait_row ol_loop_wait_rows[OL_WAIT_COUNT];

/* Its word of OFFLOOP_LOOP, once: NULL where an earlier kind has the same. */
const char *ol_loop_wait_word(unsigned kind);

/* A wait on its way. */
struct ol_wait {
    enum ol_wait_kind kind;
    const char *name; /* "epoll_wait" */
    int fd;           /* the epoll descriptor, or the ring's where it is known; else -1 */
    const void *ring; /* what liburing knows it by, or NULL */
    int among;        /* of a wait for a set: an epoll descriptor in its set, else -1 */
    bool immediate;   /* timeout 0: does not wait */
    bool hands_over;  /* a ring: awaits exactly what it submits, as libuv does with its epoll_ctl
                         calls */
    const void *caller;
    uintptr_t stack; /* address of the wrapper's frame */
};

/* What the wrapper of a wait function is to do. */
enum ol_wait_verdict {
    OL_WAIT_plain,  /* not a loop's wait, nothing of ours: just call */
    OL_WAIT_loop,   /* the loop's wait: call, then ol_loop_resume() */
    OL_WAIT_nested, /* a wait inside a turn: rule `poll` */
};

#endif
