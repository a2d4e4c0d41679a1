/* SPDX-License-Identifier: MIT */
/* A thread with a small stack, or the main one, runs its loop on one fiber, whose stack is unmapped
 * then, and works on another one below. */
#include "turn.h"
#include <stdbool.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { SIZE = 64 * 1024 };
static ucontext_t home, fiber;
static volatile bool returned;

__attribute__((noinline)) void g_main_loop_run(void)
{
    for (int i = 0; i < 3; i++) {
        turn();
        hit();
    }
}

static void work(void)
{
    g_main_loop_run();
    returned = true;
}

static void other_work(void)
{
    access("/etc/passwd", R_OK);
    puts("worked");
}

static void run(void (*function)(void), char *stack)
{
    getcontext(&fiber);
    fiber.uc_stack = (stack_t){.ss_sp = stack, .ss_size = SIZE};
    fiber.uc_link = &home;
    makecontext(&fiber, function, 0);
    swapcontext(&home, &fiber);
}

static void *thread_work(void *unused)
{
    char *low = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    run(work, low + SIZE);
    munmap(low + SIZE, SIZE);
    run(other_work, low);
    return unused;
}

int main(int count, char **words)
{
    pthread_attr_t small;
    pthread_t thread;
    if (count > 1 && strcmp(words[1], "main") == 0)
        return thread_work(NULL) != NULL;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    pthread_create(&thread, &small, thread_work, NULL);
    pthread_join(thread, NULL);
}
