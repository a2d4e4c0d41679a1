/* SPDX-License-Identifier: MIT */
/* Sets a filter of system calls that allows what the program itself calls, and nothing that only a guest would.
 *   filtered WHEN HOW ANSWER: before its first wait (0), after one (1), or after its first hits (2) */
#include "turn.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define WORD(i) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[i]))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), ANSWER(SECCOMP_RET_ALLOW)
#define LONGEST 128

static struct sock_filter lines[LONGEST];
static unsigned count;
static unsigned refusal;

static void add(const struct sock_filter *more, size_t bytes)
{
    memcpy(lines + count, more, bytes);
    count += bytes / sizeof *more;
}

#define ADD(...) add((const struct sock_filter[]){__VA_ARGS__}, sizeof((const struct sock_filter[]){__VA_ARGS__}))

static void allow_what_it_calls(void)
{
    ADD(NUMBER, ALLOW(read), ALLOW(write), ALLOW(close), ALLOW(openat), ALLOW(newfstatat), ALLOW(fstat), ALLOW(brk),
        ALLOW(mmap), ALLOW(munmap), ALLOW(mprotect), ALLOW(madvise), ALLOW(futex), ALLOW(exit), ALLOW(exit_group),
        ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(epoll_pwait), ALLOW(epoll_create1));
#ifdef SYS_epoll_wait
    ADD(ALLOW(epoll_wait));
#endif
    ADD(ANSWER(refusal));
}

static void allow_to_start_a_program(void)
{
    ADD(NUMBER, ALLOW(execve), ALLOW(pread64), ALLOW(set_tid_address), ALLOW(set_robust_list), ALLOW(rseq), ALLOW(prlimit64),
        ALLOW(getrandom), ALLOW(faccessat), ALLOW(prctl), ALLOW(seccomp));
#ifdef SYS_arch_prctl
    ADD(ALLOW(arch_prctl), ALLOW(access));
#endif
    allow_what_it_calls();
}

/* No file is made, and no descriptor looked at; anything else goes. */
static void refuse_by_words(void)
{
    ADD(NUMBER, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4), WORD(2),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT | O_PATH, 0, 1), ANSWER(refusal), ANSWER(SECCOMP_RET_ALLOW), NUMBER,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 3), WORD(3), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1000, 0, 1),
        ANSWER(refusal), ANSWER(SECCOMP_RET_ALLOW));
}

static struct sock_fprog program(void)
{
    return (struct sock_fprog){(unsigned short)count, lines};
}

static int by_prctl(void)
{
    struct sock_fprog filter = program();
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

static int by_number(unsigned flags)
{
    struct sock_fprog filter = program();
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static void *in_a_thread(void *unused)
{
    by_prctl();
    hit();
    return unused;
}

static void strict(void)
{
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    if (write(1, "strict\n", 7) == 7)
        syscall(SYS_exit, 0);
}

static void set(const char *how)
{
    pthread_t thread;
    if (!strcmp(how, "strict"))
        strict();
    if (!strcmp(how, "asks")) {
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0);
        return;
    }
    if (!strcmp(how, "words"))
        refuse_by_words();
    else if (!strcmp(how, "exec") || !strcmp(how, "twice"))
        allow_to_start_a_program();
    else if (strcmp(how, "invalid"))
        allow_what_it_calls();
    if (!strcmp(how, "thread")) {
        pthread_create(&thread, NULL, in_a_thread, NULL);
        pthread_join(thread, NULL);
        return;
    }
    int result = !strcmp(how, "number")  ? by_number(0)
                 : !strcmp(how, "tsync") ? by_number(SECCOMP_FILTER_FLAG_TSYNC)
                                         : by_prctl();
    if (!strcmp(how, "twice")) {
        count = 0;
        allow_what_it_calls();
        result = by_number(0);
    }
    if (result != (strcmp(how, "invalid") ? 0 : -1))
        _exit(9);
}

int main(int argc, char **argv)
{
    char *again[] = {argv[0], NULL};
    int when = argc > 3 ? atoi(argv[1]) : 0;
    if (argc > 3) {
        refusal = !strcmp(argv[3], "kill")   ? SECCOMP_RET_KILL_PROCESS
                  : !strcmp(argv[3], "trap") ? SECCOMP_RET_TRAP
                                             : SECCOMP_RET_ERRNO | EPERM;
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (when >= 1)
            turn();
        if (when >= 2)
            hit();
        set(argv[2]);
        if (!strcmp(argv[2], "exec"))
            execv(argv[0], again);
    }
    for (int i = 0; i < 5; i++) {
        turn();
        hit();
        close(open("/etc/hostname", O_RDONLY));
    }
    if (write(1, "done\n", 5) == 5)
        _exit(0);
}
