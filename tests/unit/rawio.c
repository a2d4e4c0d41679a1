/* SPDX-License-Identifier: MIT */
/* detector/rawio.c: memory that may not be there, signals held back. */
#include "detector/rawio.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Two pages, of which the second can't be read; the address of the border. */
static char *border(void)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(pages != MAP_FAILED);
    cr_assert(mprotect(pages + 4096, 4096, PROT_NONE) == 0);
    return pages + 4096;
}

Test(rawio, peeks_at_what_is_there)
{
    char copy[5];
    cr_assert(ol_raw_peek("abcd", copy, 5));
    cr_assert_str_eq(copy, "abcd");
}

Test(rawio, does_not_peek_at_nonsense)
{
    char copy[8];
    cr_assert(!ol_raw_peek((void *)1, copy, 8));
    cr_assert(!ol_raw_peek(NULL, copy, 8));
    cr_assert(!ol_raw_peek((void *)UINTPTR_MAX, copy, 8));
    cr_assert(!ol_raw_peek((void *)0x8000000000000000u, copy, 8));
    cr_assert(!ol_raw_can_read((void *)1));
    cr_assert(ol_raw_can_read("x"));
}

Test(rawio, does_not_peek_over_the_end_of_a_mapping)
{
    char *end = border();
    char copy[8];
    cr_assert(ol_raw_peek(end - 8, copy, 8));
    cr_assert(!ol_raw_peek(end - 7, copy, 8));
    cr_assert(!ol_raw_can_read(end));
}

Test(rawio, a_string_may_end_at_the_end_of_its_mapping)
{
    char *end = border();
    char copy[64];
    memcpy(end - 4, "end", 4);
    cr_assert(ol_raw_peek_string(end - 4, copy, sizeof copy));
    cr_assert_str_eq(copy, "end");
}

Test(rawio, a_string_without_end_is_not_read)
{
    char *end = border();
    char copy[64];
    memset(end - 4, 'x', 4);
    cr_assert(!ol_raw_peek_string(end - 4, copy, sizeof copy));
}

Test(rawio, a_long_string_is_cut)
{
    char copy[4];
    cr_assert(ol_raw_peek_string("abcdef", copy, sizeof copy));
    cr_assert_str_eq(copy, "abc");
}

Test(rawio, a_write_to_a_closed_pipe_does_not_kill_us)
{
    int ends[2];
    sigset_t now;
    cr_assert(pipe(ends) == 0);
    close(ends[0]);
    struct ol_quiet quiet = ol_raw_quiet_begin();
    cr_assert(ol_raw_write(ends[1], "x", 1) < 0);
    ol_raw_quiet_end(quiet);
    cr_assert(sigpending(&now) == 0 && !sigismember(&now, SIGPIPE));
    cr_assert(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && !sigismember(&now, SIGPIPE));
}

Test(rawio, a_signal_of_the_programs_own_stays_pending)
{
    sigset_t pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipes, NULL);
    raise(SIGPIPE);
    ol_raw_quiet_end(ol_raw_quiet_begin());
    cr_assert(sigpending(&pipes) == 0 && sigismember(&pipes, SIGPIPE));
}

Test(rawio, a_full_pipe_takes_no_bytes)
{
    int ends[2];
    char page[4096] = "";
    cr_assert(pipe2(ends, O_NONBLOCK) == 0);
    cr_assert(ol_raw_takes_bytes(ends[1]));
    while (write(ends[1], page, sizeof page) > 0) {
    }
    cr_assert(!ol_raw_takes_bytes(ends[1]));
    close(ends[0]);
    cr_assert(!ol_raw_takes_bytes(ends[1]), "nobody reads any more");
    cr_assert(!ol_raw_takes_bytes(-1));
}
