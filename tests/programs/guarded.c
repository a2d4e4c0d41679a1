/* SPDX-License-Identifier: MIT */
/* A user's library. Built shared. */
#include "guarded.h"

#include <errno.h>
#include <stdarg.h>
#include <time.h>

int guarded_wait(int ms)
{
    struct timespec time = {.tv_nsec = ms * 1000000L};
    nanosleep(&time, 0);
    errno = 7;
    return ms + 1;
}

double guarded_sum(int count, ...)
{
    double sum = 0;
    va_list list;
    va_start(list, count);
    while (count--)
        sum += va_arg(list, double);
    va_end(list);
    return sum;
}

long guarded_many(long a, long b, long c, long d, long e, long f, long g, long h, long i, double x)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + (long)x;
}

struct pair guarded_pair(double real, double imaginary)
{
    return (struct pair){imaginary, real};
}

struct large guarded_large(long first)
{
    return (struct large){{first, first + 1, 0, 0, 0, 0, 0, first + 7}};
}

int guarded_outer(int ms)
{
    return guarded_wait(ms) + 1;
}

char *guarded_name(void)
{
    return "name";
}

void guarded_throw(void (*thrower)(void))
{
    thrower();
}
