/* SPDX-License-Identifier: MIT */
/* First hits on the smallest stacks: a thread's of PTHREAD_STACK_MIN, a coroutine's of 24 KiB, a signal handler's of 12. */
#include "turn.h"
#include <ucontext.h>

static ucontext_t home, coroutine;
static struct stat status;

static void work(void)
{
    close(open("/etc/hosts", O_RDONLY));
    stat("/etc/passwd", &status);
    rename("/nonexistent/a", "/nonexistent/b");
}

static void *thread_work(void *unused)
{
    struct epoll_event event;
    int own = epoll_create1(0);
    epoll_wait(own, &event, 1, 0);
    work();
    close(own);
    return unused;
}

static void handler(int number)
{
    (void)number;
    access("/etc/passwd", R_OK);
}

int main(void)
{
    static char stack[24 * 1024], alternative[12288];
    pthread_attr_t smallest;
    pthread_t thread;
    pthread_attr_init(&smallest);
    pthread_attr_setstacksize(&smallest, 16384);
    pthread_create(&thread, &smallest, thread_work, NULL);
    pthread_join(thread, NULL);
    turn();
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = stack, .ss_size = sizeof stack};
    coroutine.uc_link = &home;
    makecontext(&coroutine, work, 0);
    swapcontext(&home, &coroutine);
    sigaltstack(&(stack_t){.ss_sp = alternative, .ss_size = sizeof alternative}, NULL);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handler, .sa_flags = SA_ONSTACK}, NULL);
    raise(SIGUSR1);
    puts("fits");
}
