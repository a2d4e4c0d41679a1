/* Room for what a hit needs, apart from the thread's stack: stacks of threads and coroutines can be
 * 16 KiB, a signal handler's 8 KiB, and the program needs its part. One private mapping a thread,
 * made when it becomes a loop or has its first hit, gone with the thread. Used by the gate alone,
 * behind its guard, so never by two at once. */
#ifndef OFFLOOP_ROOM_H
#define OFFLOOP_ROOM_H

#include "stack.h"
#include "step.h"

struct ol_room {
    struct ol_stack stack;
    struct ol_stack_words words;
    char argument[1100]; /* whole: allow rules look at it */
    char kept[1100];     /* what is recorded and shown of it */
    char line[4096];
    struct ol_step_held held[OL_STEP_HELD];
};

/* The calling thread's; NULL when there is no memory. Keeps errno. */
struct ol_room *ol_room_get(void);

/* The thread ends. */
void ol_room_leave(void);

#endif
