/* SPDX-License-Identifier: MIT */
/* Calls on stacks of argv[1] KiB, each between pages that can't be touched, and on threads of the smallest stack there is. */
#include "turn.h"
#include <limits.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { PAGE = 4096, STACKS = 8, ROUNDS = 3 };

static ucontext_t home, coroutine;
static struct stat status;
static size_t size;
static int calls;

static void work(void)
{
    for (int i = 0; i < ROUNDS; i++)
        calls += stat("/etc/passwd", &status) == 0;
    calls += access("/etc/hosts", F_OK) == 0;
}

static void wait_and_work(void)
{
    turn();
    work();
}

static char *make(void)
{
    char *stack = mmap(NULL, size + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(stack + PAGE, size, PROT_READ | PROT_WRITE);
    return stack + PAGE;
}

static void enter(char *stack, void (*body)(void))
{
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = stack, .ss_size = size};
    coroutine.uc_link = &home;
    makecontext(&coroutine, body, 0);
    swapcontext(&home, &coroutine);
}

static void *smallest(void *unused)
{
    struct epoll_event event;
    int own = epoll_create1(0);
    epoll_wait(own, &event, 1, 0);
    work();
    close(own);
    return unused;
}

static void run_smallest(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    pthread_create(&thread, &attributes, smallest, NULL);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    size = (size_t)atoi(argv[1]) * 1024;
    enter(make(), wait_and_work); /* a loop's first wait, and first hits */
    for (int i = 1; i < STACKS; i++) {
        turn();
        enter(make(), work);
    }
    run_smallest();
    printf("%d calls\n", calls);
}
