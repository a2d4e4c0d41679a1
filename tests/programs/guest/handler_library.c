/* SPDX-License-Identifier: MIT */
/* For interpreters: a handler of C, and a function that has it called. */
#include <signal.h>
#include <sys/stat.h>

static void handler(int number)
{
    struct stat status;
    (void)number;
    stat("/etc/hostname", &status);
    __asm__ volatile("" : : : "memory");
}

void strike(void)
{
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    __asm__ volatile("" : : : "memory");
}
