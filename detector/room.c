/* The room of each thread. Called by the gate, and by loop.c at a thread's end; the contract is in
 * room.h. */
#include "room.h"

#include <sys/mman.h>

#include "loop.h"
#include "rawio.h"

static __thread struct ol_room *own __attribute__((tls_model("initial-exec")));

struct ol_room *ol_room_get(void)
{
    if (own)
        return own;
    own = ol_raw_mmap(sizeof *own, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (own)
        ol_loop_watch_end();
    return own;
}

void ol_room_leave(void)
{
    struct ol_room *room = own;
    own = NULL;
    if (room)
        ol_raw_munmap(room, sizeof *room);
}
