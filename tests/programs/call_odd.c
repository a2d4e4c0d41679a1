/* SPDX-License-Identifier: MIT */
/* Calls every function of odd_calls.c on the loop, three times each, and checks what comes back. */
#include "odd_calls.h"

#include <stdio.h>
#include <string.h>

#include "turn.h"

static int wrong;

static void expect(int good, const char *what)
{
    if (!good)
        printf("wrong: %s\n", what);
    wrong |= !good;
}

static void call_with_structs(void)
{
    static struct heap heap;
    struct words words;
    long sum = 0;
    for (int i = 0; i < 512; i++) {
        words.word[i] = i * 3;
        sum += i * 3;
    }
    memset(heap.byte, 7, sizeof heap.byte);
    expect(odd_words(words, 5) == sum + 5, "4 KiB of arguments");
    expect(odd_heap(2, heap, 1) == 7 * (long)sizeof heap.byte + 7, "200 KB of arguments");
    struct words given = odd_gives_words(1, 2, 3, 4, 5, 6, 7, 8);
    expect(given.word[7] == 8 && given.word[511] == 9 && !given.word[100], "a large result");
    struct mixed one = {3, 0.5};
    struct mixed mixed = odd_mixed(one, 0.25f, (struct mixed){4, 1.5});
    expect(mixed.whole == 7 && mixed.broken == 2.25, "a result in two kinds of registers");
}

static void call_with_many(void)
{
#define TWO(n) n, n + 0.5
#define TEN(n) TWO(n), TWO(n + 1), TWO(n + 2), TWO(n + 3), TWO(n + 4), TWO(n + 5), TWO(n + 6), \
               TWO(n + 7), TWO(n + 8), TWO(n + 9)
    expect(odd_counts("x", TEN(0), TEN(10), TEN(20), TEN(30)) == 2 * 780 + 20, "80 variable ones");
}

static void call_with_wide(void)
{
    expect(odd_long_double(3.25L, 1) == 7.5L, "long double");
    long double _Complex z = odd_complex(2.5L);
    expect(creall(z) == 2.5L && cimagl(z) == 5, "two long doubles");
#ifdef __x86_64__
    double kept[6] = {1, 2, 3, 4, 5, 6};
    double result = odd_windows(1, 2, 3.5, 4, 5, 6);
    expect(result == 21.5 && kept[0] + kept[5] == 7, "another convention");
#endif
}

static void call_with_vectors(void)
{
#ifdef __AVX__
    four sum = odd_four((four){1, 2, 3, 4}, (four){10, 20, 30, 40});
    expect(sum[0] == 11 && sum[1] == 22 && sum[2] == 33 && sum[3] == 44, "32 bytes in a register");
#endif
#ifdef __AVX512F__
    eight more = odd_eight((eight){1, 2, 3, 4, 5, 6, 7, 8}, (eight){1, 1, 1, 1, 1, 1, 1, 80});
    expect(more[0] == 2 && more[3] == 5 && more[4] == 6 && more[7] == 88, "64 bytes in a register");
#endif
}

static void call(void)
{
    for (int i = 0; i < 3; i++) {
        call_with_structs();
        call_with_many();
        call_with_wide();
        call_with_vectors();
    }
}

int main(void)
{
    turn(call);
    puts("done");
    return wrong;
}
