/* SPDX-License-Identifier: MIT */
/* detector/bpf.c: filters run as the kernel runs them. */
#include "detector/bpf.h"

#include <criterion/criterion.h>
#include <stddef.h>

#define NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define WORD(i) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[i]))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)

Test(bpf, goes_by_the_number)
{
    for (int number = 7; number < 9; number++) {
        struct seccomp_data call = {.nr = number};
        struct sock_filter lines[] = {NUMBER, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
                                      ANSWER(SECCOMP_RET_ALLOW), ANSWER(SECCOMP_RET_TRAP)};
        struct ol_bpf_verdict verdict = ol_bpf_run(lines, 4, &call);
        cr_assert_eq(verdict.action, number == 7 ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP);
        cr_assert(!verdict.depends);
    }
}

Test(bpf, says_when_words_or_the_address_were_looked_at)
{
    struct seccomp_data call = {.args = {3}};
    struct sock_filter by_word[] = {WORD(0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 1),
                                    ANSWER(1), ANSWER(2)};
    struct ol_bpf_verdict verdict = ol_bpf_run(by_word, 4, &call);
    cr_assert_eq(verdict.action, 1);
    cr_assert(verdict.depends);
    struct sock_filter by_address[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        ANSWER(1)};
    cr_assert(ol_bpf_run(by_address, 2, &call).depends);
}

Test(bpf, computes)
{
    struct seccomp_data call = {.nr = 40};
    struct sock_filter lines[] = {
        NUMBER,
        BPF_STMT(BPF_ST, 3),
        BPF_STMT(BPF_LDX | BPF_W | BPF_MEM, 3), /* x = 40 */
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), /* a = 80 */
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 3), /* a = 10 */
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 5),
        BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), /* a = 49 */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 2), /* a = 50 */
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_IMM, 0),
        BPF_STMT(BPF_MISC | BPF_TXA, 0),
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        ANSWER(1),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    cr_assert_eq(ol_bpf_run(lines, sizeof lines / sizeof *lines, &call).action, 50);
}

Test(bpf, what_the_kernel_would_not_take_kills)
{
    struct seccomp_data call = {0};
    const struct sock_filter bad[][2] = {
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof call), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0xfffffffc), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_LD | BPF_W | BPF_MEM, 16), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), ANSWER(SECCOMP_RET_ALLOW)},
        {BPF_STMT(BPF_LD | BPF_IMM, 0), BPF_STMT(BPF_LD | BPF_IMM, 0)},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(ol_bpf_run(bad[i], 2, &call).action, SECCOMP_RET_KILL_PROCESS, "%zu", i);
    cr_assert_eq(ol_bpf_run(NULL, 0, &call).action, SECCOMP_RET_KILL_PROCESS);
}
