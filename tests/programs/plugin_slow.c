/* SPDX-License-Identifier: MIT */
/* A plugin that the loader takes half a second to relocate: the resolver of one of its functions
 * sleeps, while its import slots are filled and its memory is still the loader's to write. */
#include <sys/syscall.h>
#include <time.h>

#include "guarded.h"

int call_guarded(int ms);
int chosen(int ms);

static int plain(int ms)
{
    return ms;
}

static __attribute__((used)) int (*choose(void))(int)
{
    struct timespec time = {0, 500000000};
#ifdef __x86_64__
    long result; /* nothing can be called yet */
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(SYS_nanosleep), "D"(&time), "S"(0L)
                     : "rcx", "r11", "memory");
#else
    register long number __asm__("x8") = SYS_nanosleep;
    register long first __asm__("x0") = (long)&time;
    register long second __asm__("x1") = 0;
    __asm__ volatile("svc 0" : "+r"(first) : "r"(number), "r"(second) : "memory");
#endif
    return plain;
}

int chosen(int ms) __attribute__((ifunc("choose")));

int call_guarded(int ms)
{
    return chosen(guarded_wait(ms)) + 1;
}
