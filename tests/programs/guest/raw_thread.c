/* SPDX-License-Identifier: MIT */
/* A thread that pthreads know nothing of (it shares the loop's thread-local memory), and a loop beside it. */
#include "turn.h"
#include <sched.h>
#include <sys/syscall.h>

static _Atomic int ended;

static int body(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++)
        syscall(SYS_close, (int)syscall(SYS_openat, AT_FDCWD, "/etc/hosts", O_RDONLY));
    close(open("/etc/hosts", O_RDONLY));
    ended = 1;
    syscall(SYS_exit, 0);
    return 0;
}

int main(void)
{
    static char stack[262144] __attribute__((aligned(64)));
    turn();
    clone(body, stack + sizeof stack,
          CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
    while (!ended)
        sched_yield();
    usleep(20000);
    turn();
    hit();
    puts("alive");
}
