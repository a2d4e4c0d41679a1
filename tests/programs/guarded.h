/* SPDX-License-Identifier: MIT */
/* A user's library: what the victims of test_functions.py call. */
#ifndef GUARDED_H
#define GUARDED_H

struct pair {
    double real;
    double imaginary;
};
struct large {
    long words[8];
};

int guarded_wait(int ms);
double guarded_sum(int count, ...); /* of doubles */
long guarded_many(long a, long b, long c, long d, long e, long f, long g, long h, long i, double x);
struct pair guarded_pair(double real, double imaginary);
struct large guarded_large(long first);
int guarded_outer(int ms); /* calls guarded_wait through its own import slot */
char *guarded_name(void);
void guarded_throw(void (*thrower)(void)); /* calls it */

#endif
