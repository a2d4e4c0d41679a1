/* SPDX-License-Identifier: MIT */
/* Exceptions and longjmp through wrapped calls, on plain and on coroutine stacks; each turn after one is judged again. */
extern "C" {
#include "turn.h"
#include <setjmp.h>
#include <ucontext.h>
}
static jmp_buf back;
static ucontext_t home, coroutine;
static bool jumps;

static int leave(const struct dirent *)
{
    if (jumps)
        longjmp(back, 1);
    throw 42;
}

static void scan()
{
    struct dirent **names;
    try {
        if (!setjmp(back))
            scandir("/etc", &names, leave, nullptr);
        puts("jumped");
    } catch (int number) {
        printf("caught %d\n", number);
    }
}

int main()
{
    static char stack[256 * 1024];
    for (int round = 0; round < 4; round++) {
        turn();
        jumps = round & 1;
        if (round < 2) {
            scan();
        } else {
            getcontext(&coroutine);
            coroutine.uc_stack.ss_sp = stack;
            coroutine.uc_stack.ss_size = sizeof stack;
            coroutine.uc_link = &home;
            makecontext(&coroutine, scan, 0);
            swapcontext(&home, &coroutine);
        }
        turn();
        hit();
    }
}
