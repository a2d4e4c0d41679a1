/* SPDX-License-Identifier: MIT */
/* detector/sandbox.c: what a filter of the program's leaves. No filter is really set here. */
#include "detector/filters.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "detector/rawio.h"

#define NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define WORD(i) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[i]))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)
#define KILLS(name)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), ANSWER(SECCOMP_RET_KILL_PROCESS)

static int plan(struct sock_filter *lines, size_t count)
{
    return ol_filters_plan(&(struct sock_fprog){(unsigned short)count, lines});
}
#define PLAN(...)                                                                                  \
    plan((struct sock_filter[]){__VA_ARGS__},                                                      \
         sizeof((struct sock_filter[]){__VA_ARGS__}) / sizeof(struct sock_filter))

Test(sandbox, what_is_forbidden_is_not_called)
{
    int number = PLAN(NUMBER, KILLS(geteuid), ANSWER(SECCOMP_RET_ALLOW));
    cr_assert(ol_sandbox_narrows(number));
    cr_assert_eq(ol_raw_geteuid(), (int)geteuid(), "not yet");
    ol_sandbox_enter(number);
    cr_assert_eq(ol_raw_geteuid(), -EPERM);
    cr_assert_eq(ol_raw_getpid(), getpid(), "another one is");
    ol_sandbox_withdraw(number);
    cr_assert_eq(ol_raw_geteuid(), (int)geteuid());
    cr_assert(!ol_sandbox_is_narrow);
}

Test(sandbox, a_filter_that_allows_all_of_ours_narrows_nothing)
{
    int number = PLAN(NUMBER, KILLS(mount), ANSWER(SECCOMP_RET_ALLOW));
    cr_assert(!ol_sandbox_narrows(number));
    ol_sandbox_enter(number);
    cr_assert(!ol_sandbox_is_narrow);
    cr_assert(ol_sandbox_is_set());
}

Test(sandbox, words_decide_where_the_filter_looks_at_them)
{
    ol_sandbox_enter(PLAN(NUMBER, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close, 0, 3), WORD(0),
                          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1000, 0, 1),
                          ANSWER(SECCOMP_RET_ERRNO | EIO), ANSWER(SECCOMP_RET_ALLOW)));
    cr_assert_eq(ol_raw_close(1000), -EPERM);
    cr_assert_eq(ol_raw_close(1001), -EBADF);
}

Test(sandbox, each_of_several_has_to_allow)
{
    ol_sandbox_enter(PLAN(NUMBER, KILLS(close), ANSWER(SECCOMP_RET_ALLOW)));
    ol_sandbox_enter(PLAN(NUMBER, KILLS(geteuid), ANSWER(SECCOMP_RET_LOG)));
    cr_assert_eq(ol_raw_close(1000), -EPERM);
    cr_assert_eq(ol_raw_geteuid(), -EPERM);
    cr_assert_geq(ol_raw_fcntl(0, 1, 0), 0);
}

Test(sandbox, strict_mode_leaves_reading_and_writing)
{
    char byte;
    ol_sandbox_enter(ol_filters_plan(NULL));
    cr_assert_eq(ol_raw_read(-1, &byte, 1), -EBADF);
    cr_assert_eq(ol_raw_close(1000), -EPERM);
    cr_assert(!ol_sandbox_lends());
}

Test(sandbox, a_filter_that_is_not_there_forbids_all)
{
    const struct sock_fprog nowhere = {4, (struct sock_filter *)8};
    int number = ol_filters_plan(&nowhere);
    ol_sandbox_enter(number);
    cr_assert_eq(ol_raw_close(1000), -EPERM);
    ol_sandbox_withdraw(number);
    cr_assert_eq(ol_raw_close(1000), -EBADF);
}

Test(sandbox, places_are_used_again_and_too_many_filters_forbid_all)
{
    for (int i = 0; i < 1000; i++) {
        int number = PLAN(NUMBER, KILLS(close), ANSWER(SECCOMP_RET_ALLOW));
        cr_assert_geq(number, 0);
        ol_sandbox_enter(number);
        ol_sandbox_withdraw(number);
    }
    cr_assert_eq(ol_raw_close(1000), -EBADF);
    for (int i = 0; i < 100; i++)
        ol_sandbox_enter(PLAN(ANSWER(SECCOMP_RET_ALLOW)));
    cr_assert_eq(ol_raw_close(1000), -EPERM);
}

Test(sandbox, threads_have_numbers_of_their_own_without_asking)
{
    ol_sandbox_enter(PLAN(NUMBER, KILLS(gettid), ANSWER(SECCOMP_RET_ALLOW)));
    cr_assert_gt(ol_raw_gettid(), 1 << 29);
}
