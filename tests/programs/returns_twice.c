/* SPDX-License-Identifier: MIT */
/* Functions that return twice, or look at who calls them, on the loop. */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "turn.h"

static int wrong;

static void expect(int good, const char *what)
{
    if (!good)
        printf("wrong: %s\n", what);
    wrong |= !good;
}

static jmp_buf plain, quick;
static sigjmp_buf with_mask;

static void jump(void)
{
    volatile int times = 0;
    if (setjmp(plain) < 3) {
        times++;
        longjmp(plain, times);
    }
    if (_setjmp(quick) < 3) {
        times++;
        _longjmp(quick, times);
    }
    if (sigsetjmp(with_mask, 1) < 8) {
        times++;
        siglongjmp(with_mask, times);
    }
    expect(times == 8, "jumps");
}

static void change_contexts(void)
{
    ucontext_t context;
    volatile int times = 0;
    getcontext(&context);
    if (times++ < 4)
        setcontext(&context);
    expect(times == 5, "contexts");
}

static void start(void)
{
    int status = 0;
    pid_t child = vfork();
    if (!child)
        _exit(3);
    waitpid(child, &status, 0);
    expect(WEXITSTATUS(status) == 3, "vfork");
}

static void call(void)
{
    jump();
    change_contexts();
    start();
    expect(dlsym(RTLD_NEXT, "getpid") != NULL, "dlsym");
    expect(syscall(SYS_getpid) == getpid(), "syscall");
    expect(atoi("12") == 12, "atoi");
}

int main(void)
{
    turn(call);
    puts("done");
    return wrong;
}
