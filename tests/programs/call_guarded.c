/* SPDX-License-Identifier: MIT */
/* Calls every function of guarded.c, on the loop ("on") or off it ("off"), and checks what comes
 * back: a stub in between must keep all arguments and results. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "guarded.h"
#include "turn.h"

static int wrong;

static void expect(int good, const char *what)
{
    if (!good)
        printf("wrong: %s\n", what);
    wrong |= !good;
}

static void call(void)
{
    errno = 0;
    expect(guarded_wait(20) == 21 && errno == 7, "wait");
    expect(guarded_sum(10, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.) == 55, "sum");
    expect(guarded_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 15.) == 300, "many");
    struct pair pair = guarded_pair(1, 2);
    expect(pair.real == 2 && pair.imaginary == 1, "pair");
    struct large large = guarded_large(5);
    expect(large.words[0] == 5 && large.words[7] == 12, "large");
    expect(guarded_outer(5) == 7, "outer");
    expect(strcmp(guarded_name(), "name") == 0, "name");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "on") == 0)
        turn(call);
    else
        call(), turn(getpid == 0 ? call : (void (*)(void))getpid);
    puts("done");
    return wrong;
}
