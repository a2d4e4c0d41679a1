/* SPDX-License-Identifier: MIT */
/* The room of each thread. The contract is in room.h. */
#include "room.h"

#include <sys/mman.h>

#include "interceptor.h"
#include "rawio.h"
#include "thread.h"

static __thread struct ol_room *own __attribute__((tls_model("initial-exec")));

/* Unwinders find the caller by rbp (x29), which stays the thread's. */
void ol_room_switch(ol_room_function *function, void *argument, void *top)
    __attribute__((visibility("hidden")));
#if defined __x86_64__
__asm__(".text\n"
        ".globl ol_room_switch\n"
        ".hidden ol_room_switch\n"
        ".type ol_room_switch, @function\n"
        "ol_room_switch:\n"
        ".cfi_startproc\n"
        "endbr64\n"
        "pushq %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset %rbp, -16\n"
        "movq %rsp, %rbp\n"
        ".cfi_def_cfa_register %rbp\n"
        "movq %rdx, %rsp\n"
        "movq %rdi, %rax\n"
        "movq %rsi, %rdi\n"
        "callq *%rax\n"
        "movq %rbp, %rsp\n"
        "popq %rbp\n"
        ".cfi_def_cfa %rsp, 8\n"
        "retq\n"
        ".cfi_endproc\n"
        ".size ol_room_switch, . - ol_room_switch\n");
#elif defined __aarch64__
__asm__(".text\n"
        ".globl ol_room_switch\n"
        ".hidden ol_room_switch\n"
        ".type ol_room_switch, %function\n"
        "ol_room_switch:\n"
        ".cfi_startproc\n"
        "hint #34\n" /* bti c */
        "stp x29, x30, [sp, #-16]!\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset x29, -16\n"
        ".cfi_offset x30, -8\n"
        "mov x29, sp\n"
        ".cfi_def_cfa_register x29\n"
        "mov sp, x2\n"
        "mov x9, x0\n"
        "mov x0, x1\n"
        "blr x9\n"
        "mov sp, x29\n"
        "ldp x29, x30, [sp], #16\n"
        ".cfi_def_cfa sp, 0\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size ol_room_switch, . - ol_room_switch\n");
#endif

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
    ol_room_switch(function, argument, room->floor + OL_ROOM_STACK);
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
