/* SPDX-License-Identifier: MIT */
/* Children that no fork handler sees. Those with memory of their own make a loop and have three hits of rule `stat` in it;
 * those in the parent's memory have one there, which is nobody's. The parent has one of rule `access` after each.
 *   children KIND COUNT */
#include "turn.h"
#include <linux/sched.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/syscall.h>

static void own_loop(void)
{
    close(epfd);
    epfd = -1;
    for (int i = 0; i < 3; i++) {
        turn();
        hit();
    }
    _exit(0);
}

static int in_our_memory(void *unused)
{
    (void)unused;
    hit();
    _exit(0);
}

static pid_t by_clone3(unsigned long flags)
{
    struct clone_args words = {.flags = flags, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &words, sizeof words);
}

static pid_t child_of(const char *kind)
{
    static char stack[65536];
    if (!strcmp(kind, "_Fork"))
        return _Fork();
    if (!strcmp(kind, "syscall-clone"))
        return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (!strcmp(kind, "syscall-clone3"))
        return by_clone3(0);
    if (!strcmp(kind, "clone-vm"))
        return clone(in_our_memory, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    if (!strcmp(kind, "clone-vm-vfork"))
        return clone(in_our_memory, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    abort();
}

/* By the bare instruction, on the parent's own stack: the child must not return from here. */
static __attribute__((always_inline)) inline pid_t bare_vfork(void)
{
#ifdef __x86_64__
    long pid = SYS_vfork;
    __asm__ volatile("syscall" : "+a"(pid) : : "rcx", "r11", "memory");
    return (pid_t)pid;
#else
    return vfork();
#endif
}

int main(int argc, char **argv)
{
    const char *kind = argv[1];
    int count = argc > 2 ? atoi(argv[2]) : 1;
    turn();
    for (int i = 0; i < count; i++) {
        int status = -1;
        bool vforks = !strcmp(kind, "bare-vfork");
        pid_t pid = vforks ? bare_vfork() : child_of(kind);
        if (!pid && vforks)
            in_our_memory(NULL);
        if (!pid)
            own_loop();
        waitpid(pid, &status, __WALL);
        printf("%d ", status);
        access("/etc", F_OK);
    }
    puts("done");
    fflush(stdout);
    turn();
    access("/etc", F_OK);
}
