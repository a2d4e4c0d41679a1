/* SPDX-License-Identifier: MIT */
/* A handler that makes wrapped calls interrupts the loop wherever it is: in the program, in the loader, in us.
 *   interrupted [alternate]: on a stack of its own */
#include "turn.h"
#include <dlfcn.h>
#include <stdbool.h>
#include <sys/time.h>

static volatile sig_atomic_t struck;

static void __attribute__((noinline)) from_handler(void)
{
    close(open("/etc/hostname", O_RDONLY));
}

static void on_alarm(int number)
{
    int saved = errno;
    (void)number;
    from_handler();
    struck++;
    errno = saved;
}

static void strike(long microseconds)
{
    setitimer(ITIMER_REAL, &(struct itimerval){{0, microseconds}, {0, microseconds}}, NULL);
}

static void __attribute__((noinline)) work(int depth)
{
    struct stat status;
    if (depth)
        work(depth - 1);
    stat("/etc/passwd", &status);
    __asm__ volatile("" : : : "memory"); /* no tail call */
}

int main(int argc, char **argv)
{
    stack_t own = {.ss_sp = malloc(65536), .ss_size = 65536};
    bool alternate = argc > 1 && !strcmp(argv[1], "alternate");
    if (alternate)
        sigaltstack(&own, NULL);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = alternate ? SA_ONSTACK | SA_RESTART : SA_RESTART},
              NULL);
    turn();
    strike(300);
    for (int i = 0; i < 300 || struck < 300; i++) {
        void *library = dlopen("libm.so.6", RTLD_NOW);
        work(i % 7);
        if (library)
            dlclose(library);
        turn();
    }
    strike(0);
    puts("done");
}
