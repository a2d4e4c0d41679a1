/* SPDX-License-Identifier: MIT */
/* The contract is in odd_calls.h. Built shared. */
#include "odd_calls.h"

#include <execinfo.h>
#include <stdarg.h>

long odd_words(struct words words, long last)
{
    long sum = last;
    for (int i = 0; i < 512; i++)
        sum += words.word[i];
    return sum;
}

long odd_heap(int first, struct heap heap, int last)
{
    long sum = first * 3 + last;
    for (unsigned i = 0; i < sizeof heap.byte; i++)
        sum += heap.byte[i];
    return sum;
}

struct words odd_gives_words(long a, long b, long c, long d, long e, long f, long g, long h)
{
    struct words words = {{a, b, c, d, e, f, g, h}};
    words.word[511] = a + h;
    return words;
}

struct mixed odd_mixed(struct mixed mixed, float x, struct mixed again)
{
    return (struct mixed){mixed.whole + again.whole, mixed.broken + again.broken + x};
}

int odd_counts(const char *what, ...)
{
    double sum = what[0] ? 0 : 1;
    va_list list;
    va_start(list, what);
    for (int i = 0; i < 40; i++) {
        sum += va_arg(list, int);
        sum += va_arg(list, double);
    }
    va_end(list);
    return (int)sum;
}

long double odd_long_double(long double x, long double y)
{
    return x * 2 + y;
}

long double _Complex odd_complex(long double x)
{
    return x + 2.0iL * x;
}

#ifdef __x86_64__
__attribute__((ms_abi)) double odd_windows(double a, int b, double c, int d, double e, int f)
{
    return a + b + c + d + e + f;
}

#endif

#ifdef __AVX__
four odd_four(four x, four y)
{
    return x + y;
}
#endif

#ifdef __AVX512F__
eight odd_eight(eight x, eight y)
{
    return x + y;
}
#endif

void odd_calls(void (*what)(void *), void *with)
{
    what(with);
}

int odd_depth(void)
{
    void *frames[64];
    return backtrace(frames, 64);
}
