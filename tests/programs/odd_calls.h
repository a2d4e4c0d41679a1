/* SPDX-License-Identifier: MIT */
/* A library whose functions take and give what few do: what the victims call_odd.c and leave_calls.cc
 * call. */
#ifndef ODD_CALLS_H
#define ODD_CALLS_H

#include <complex.h>

#ifdef __cplusplus
extern "C" {
#endif

struct words {
    long word[512]; /* 4 KiB */
};
struct heap {
    unsigned char byte[200000];
};
struct mixed {
    long whole;
    double broken;
};

long odd_words(struct words words, long last);
long odd_heap(int first, struct heap heap, int last);
struct words odd_gives_words(long a, long b, long c, long d, long e, long f, long g, long h);
struct mixed odd_mixed(struct mixed mixed, float x, struct mixed again);
int odd_counts(const char *what, ...); /* the sum of 40 ints and 40 doubles, in turns */
long double odd_long_double(long double x, long double y);
#ifdef __x86_64__
__attribute__((ms_abi)) double odd_windows(double a, int b, double c, int d, double e, int f);
#endif
#ifdef __AVX__
typedef double four __attribute__((vector_size(32)));
four odd_four(four x, four y);
#endif
#ifdef __AVX512F__
typedef double eight __attribute__((vector_size(64)));
eight odd_eight(eight x, eight y);
#endif
#ifndef __cplusplus
long double _Complex odd_complex(long double x);
#endif

void odd_calls(void (*what)(void *), void *with);
int odd_depth(void); /* frames that backtrace() sees from here */

#ifdef __cplusplus
}
#endif
#endif
