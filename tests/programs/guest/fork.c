/* SPDX-License-Identifier: MIT */
/* Every way to a child, in a turn: the child is no loop, the parent still is one. */
#include "turn.h"
#include <sched.h>
#include <spawn.h>
#include <sys/syscall.h>

static void child(const char *how)
{
    hit();
    printf("child of %s\n", how);
    fflush(stdout);
    close_range(0, ~0u, 0);
    hit();
    execl("/bin/true", "true", (char *)NULL);
    _exit(9);
}

static void parent(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    printf("status %d\n", status);
    fflush(stdout);
    hit(); /* the same site each time */
}

static int clone_child(void *stack)
{
    (void)stack;
    child("clone()");
    return 0;
}

int main(void)
{
    static char stack[65536];
    char *words[] = {"true", NULL};
    pid_t pid;
    turn();
    if (!(pid = fork()))
        child("fork()");
    parent(pid);
    if (!(pid = vfork())) {
        close(open("/etc/hosts", O_RDONLY));
        close(epfd);
        execl("/bin/true", "true", (char *)NULL);
        _exit(9);
    }
    parent(pid);
    if (posix_spawn(&pid, "/bin/true", NULL, NULL, words, NULL) == 0)
        parent(pid);
    parent(clone(clone_child, stack + sizeof stack, SIGCHLD, NULL));
    if (!(pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)))
        child("a bare clone");
    parent(pid);
    turn();
    hit();
}
