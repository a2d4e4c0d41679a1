/* SPDX-License-Identifier: MIT */
/* The room of each thread. The contract is in room.h. */
#include "room.h"

#include <sys/mman.h>

#include "../arch/arch.h"
#include "interceptor.h"
#include "rawio.h"
#include "thread.h"

static __thread struct ol_room *own __attribute__((tls_model("initial-exec")));

/* Another room_run() is under way. */
static bool is_on_its_stack(const struct ol_room *room)
{
    return (uintptr_t)__builtin_frame_address(0) - (uintptr_t)room->floor < OL_ROOM_STACK;
}

/* Sanitizers' runtimes and valgrind keep account of each thread's one stack. */
static bool may_switch(void)
{
    return !ol_raw_beside_valgrind && !ol_interceptor_is_there();
}

void ol_room_run(ol_room_function *function, void *argument)
{
    struct ol_room *room = ol_room_get();
    uint64_t held;
    if (!room || !may_switch() || is_on_its_stack(room) || !ol_raw_hold_signals(&held)) {
        function(argument);
        return;
    }
    ol_arch_switch(function, argument, room->floor + OL_ROOM_STACK);
    ol_raw_release_signals(held);
}

struct ol_room *ol_room_get(void)
{
    if (own)
        return own;
    own = ol_raw_mmap(sizeof *own, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (own)
        ol_thread_watch_end();
    return own;
}

void ol_room_leave(void)
{
    struct ol_room *room = own;
    own = NULL;
    if (room)
        ol_raw_munmap(room, sizeof *room);
}
