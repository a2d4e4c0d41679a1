/* SPDX-License-Identifier: MIT */
/* How much stack calls use: bytes below the caller's frame, on a painted coroutine stack. */
#include "turn.h"
#include <ucontext.h>

static ucontext_t home, coroutine;
static unsigned char stack[256 * 1024];
static void (*body)(void);
static uintptr_t top;

static void run(void)
{
    top = (uintptr_t)__builtin_frame_address(0);
    body();
}

static void measure(const char *name, void (*function)(void))
{
    memset(stack, 0xa5, sizeof stack);
    body = function;
    getcontext(&coroutine);
    coroutine.uc_stack.ss_sp = stack;
    coroutine.uc_stack.ss_size = sizeof stack;
    coroutine.uc_link = &home;
    makecontext(&coroutine, run, 0);
    swapcontext(&home, &coroutine);
    size_t unused = 0;
    while (unused < sizeof stack && stack[unused] == 0xa5)
        unused++;
    printf("%s %ld\n", name, (long)(top - (uintptr_t)stack) - (long)unused);
}

static void opens(void) { close(open("/etc/hosts", O_RDONLY)); }
static void sleeps(void) { nanosleep(&(struct timespec){0, 1000}, NULL); }
static void lists(void) { closedir(opendir("/etc")); }
static void at(void) { struct stat s; fstatat(open("/etc", O_PATH), "hosts", &s, 0); }

int main(void)
{
    void (*const bodies[])(void) = {opens, sleeps, lists, at};
    const char *names[] = {"open", "nanosleep", "opendir", "fstatat"};
    measure("first_wait", turn);
    measure("wait", turn);
    for (int i = 0; i < 4; i++)
        measure(names[i], bodies[i]);
    measure("repeated_open", opens);
}
