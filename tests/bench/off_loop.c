/* SPDX-License-Identifier: MIT */
/* Calls the function of every row of detector/calls.def N times off any loop, with a readable address for each argument.
 * The functions are those of stubs.c. scripts/bench runs it under callgrind, with the library and without it, and compares
 * what each bench_ROW took.
 *
 *     off_loop N       the calls
 *     off_loop         the rows' names
 */
/* No header: their signatures differ, and what is passed is looked at by nobody. */
#define ROW(symbol, name, rule, fail)                                                              \
    extern long call_##symbol(void *, void *, void *, void *, void *, void *) __asm__(#symbol);    \
    __attribute__((noinline, used)) void bench_##symbol(long count);                               \
    void bench_##symbol(long count)                                                                \
    {                                                                                              \
        static char room[4096] __attribute__((aligned(64)));                                       \
        for (; count > 0; count--)                                                                 \
            call_##symbol(room, room, room, room, room, room);                                     \
    }
#include "../../detector/calls_rows.h"
#undef ROW

static const struct {
    const char *name;
    void (*run)(long count);
} rows[] = {
#define ROW(symbol, name, rule, fail) {#symbol, bench_##symbol},
#include "../../detector/calls_rows.h"
#undef ROW
};

extern int printf(const char *format, ...);
extern long atol(const char *text);
extern int strncmp(const char *one, const char *other, unsigned long count);

/* Whoever calls these is a loop. */
static int makes_a_loop(const char *name)
{
    return strncmp(name, "epoll_", 6) == 0;
}

int main(int argc, char **argv)
{
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (argc < 2)
            printf("%s\n", rows[i].name);
        else if (!makes_a_loop(rows[i].name))
            rows[i].run(atol(argv[1]));
    }
    return 0;
}
