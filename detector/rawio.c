/* SPDX-License-Identifier: MIT */
/* The library's own system calls, by the bare instruction: nothing of libc in between, so neither
 * our own wrappers nor errno are met. The only file that does this; everything that opens, writes
 * or asks the kernel goes through it. */
#include "rawio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../arch/arch.h"
#include "rawio_inside.h"

/* A filter of the program's may forbid it: then it is not made, as if it had failed. */
long ol_raw_call(enum ol_own_call call, long a, long b, long c, long d, long e, long f)
{
    if (__builtin_expect(ol_sandbox_is_narrow, 0)) {
        const uint64_t words[6] = {(uint64_t)a, (uint64_t)b, (uint64_t)c,
                                   (uint64_t)d, (uint64_t)e, (uint64_t)f};
        if (!ol_sandbox_allows(call, words))
            return -EPERM;
    }
    return ol_arch_call(ol_sandbox_number(call), a, b, c, d, e, f);
}

static long call3(enum ol_own_call call, long a, long b, long c)
{
    return ol_raw_call(call, a, b, c, 0, 0, 0);
}

int ol_raw_openat(int folder, const char *path, int flags, unsigned mode)
{
    return (int)ol_raw_call(OL_OWN_openat, folder, (long)path, flags | O_CLOEXEC, mode, 0, 0);
}

int ol_raw_open(const char *path, int flags, unsigned mode)
{
    return ol_raw_openat(AT_FDCWD, path, flags, mode);
}

int ol_raw_close(int fd)
{
    return (int)call3(OL_OWN_close, fd, 0, 0);
}

ssize_t ol_raw_read(int fd, void *buffer, size_t size)
{
    return call3(OL_OWN_read, fd, (long)buffer, (long)size);
}

size_t ol_raw_read_file(const char *path, void *buffer, size_t size)
{
    int fd = ol_raw_open(path, O_RDONLY, 0);
    if (fd < 0)
        return 0;
    ssize_t length = ol_raw_read(fd, buffer, size);
    ol_raw_close(fd);
    return length > 0 ? (size_t)length : 0;
}

ssize_t ol_raw_pread(int fd, void *buffer, size_t size, uint64_t offset)
{
    return ol_raw_call(OL_OWN_pread64, fd, (long)buffer, (long)size, (long)offset, 0, 0);
}

ssize_t ol_raw_write(int fd, const void *bytes, size_t size)
{
    return call3(OL_OWN_write, fd, (long)bytes, (long)size);
}

ssize_t ol_raw_writev(int fd, const struct iovec *parts, int count)
{
    return call3(OL_OWN_writev, fd, (long)parts, count);
}

/* newfstatat fills glibc's struct stat on both machines. */
int ol_raw_fstat(int fd, struct stat *status)
{
    return (int)ol_raw_call(OL_OWN_newfstatat, fd, (long)"", (long)status, AT_EMPTY_PATH, 0, 0);
}

int ol_raw_lstat(const char *path, struct stat *status)
{
    return (int)ol_raw_call(OL_OWN_newfstatat, AT_FDCWD, (long)path, (long)status,
                            AT_SYMLINK_NOFOLLOW, 0, 0);
}

int ol_raw_mkdir(const char *path, unsigned mode)
{
    return (int)call3(OL_OWN_mkdirat, AT_FDCWD, (long)path, mode);
}

int ol_raw_unlink(const char *path)
{
    return (int)call3(OL_OWN_unlinkat, AT_FDCWD, (long)path, 0);
}

int ol_raw_fallocate(int fd, uint64_t size)
{
    return (int)ol_raw_call(OL_OWN_fallocate, fd, 0, 0, (long)size, 0, 0);
}

int ol_raw_ftruncate(int fd, uint64_t size)
{
    return (int)call3(OL_OWN_ftruncate, fd, (long)size, 0);
}

int ol_raw_overwrite_in_place(int fd)
{
    long flags = FS_NOCOW_FL; /* as the number of the call says; the kernel reads an int */
    return (int)call3(OL_OWN_ioctl, fd, FS_IOC_SETFLAGS, (long)&flags);
}

ssize_t ol_raw_readlink(const char *path, char *buffer, size_t size)
{
    return ol_raw_call(OL_OWN_readlinkat, AT_FDCWD, (long)path, (long)buffer, (long)size, 0, 0);
}

int ol_raw_getcwd(char *buffer, size_t size)
{
    return (int)call3(OL_OWN_getcwd, (long)buffer, (long)size, 0);
}

int ol_raw_fcntl(int fd, int command, unsigned long argument)
{
    return (int)call3(OL_OWN_fcntl, fd, command, (long)argument);
}

int ol_raw_getsockopt(int fd, int level, int option, void *value, unsigned *size)
{
    return (int)ol_raw_call(OL_OWN_getsockopt, fd, level, option, (long)value, (long)size, 0);
}

int ol_raw_getsockname(int fd, void *address, unsigned *size)
{
    return (int)call3(OL_OWN_getsockname, fd, (long)address, (long)size);
}

int ol_raw_getpeername(int fd, void *address, unsigned *size)
{
    return (int)call3(OL_OWN_getpeername, fd, (long)address, (long)size);
}

int ol_raw_mincore(void *address, size_t size, unsigned char *pages)
{
    return (int)call3(OL_OWN_mincore, (long)address, (long)size, (long)pages);
}

/* Where it can't be asked: a number that is no other thread's. */
int ol_raw_gettid(void)
{
    static __thread char own __attribute__((tls_model("initial-exec")));
    int tid = (int)call3(OL_OWN_gettid, 0, 0, 0);
    return tid > 0 ? tid : (int)(((uintptr_t)&own >> 4 & 0x3fffffff) | 0x40000000);
}

static _Atomic int last_pid;

/* Where it can't be asked: what it was. */
int ol_raw_getpid(void)
{
    int pid = (int)call3(OL_OWN_getpid, 0, 0, 0);
    if (pid <= 0)
        return last_pid;
    if (pid != last_pid)
        last_pid = pid;
    return pid;
}

int ol_raw_geteuid(void)
{
    return (int)call3(OL_OWN_geteuid, 0, 0, 0);
}

bool ol_raw_is_alive(int pid)
{
    return call3(OL_OWN_kill, pid, 0, 0) != -ESRCH;
}

bool ol_raw_thread_is_alive(int tid)
{
    return call3(OL_OWN_tgkill, ol_raw_getpid(), tid, 0) != -ESRCH;
}

bool ol_raw_is_file(int fd)
{
    struct stat status;
    return ol_raw_fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode));
}

bool ol_raw_has_offset(int fd)
{
    struct stat status;
    return ol_raw_is_file(fd) || (ol_raw_fstat(fd, &status) == 0 && S_ISCHR(status.st_mode));
}

bool ol_raw_is_readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return ol_raw_is_ready(&one, 1);
}

bool ol_raw_is_ready(struct pollfd *fds, unsigned count)
{
    struct timespec none = {0};
    return ol_raw_call(OL_OWN_ppoll, (long)fds, count, (long)&none, 0, 8, 0) > 0;
}

bool ol_raw_has_ended(int type, int id, int options)
{
    siginfo_t info = {0};
    long error = ol_raw_call(OL_OWN_waitid, type, id, (long)&info, options | WNOHANG | WNOWAIT, 0,
                             0);
    return error || info.si_pid;
}

int ol_raw_raise(int signal)
{
    return (int)call3(OL_OWN_tgkill, ol_raw_getpid(), ol_raw_gettid(), signal);
}

/* The kernel's own struct sigaction: handler, flags, restorer, mask; all zero is SIG_DFL. */
int ol_raw_sigaction_default(int signal)
{
    unsigned long action[4] = {0};
    unsigned long mask = 1ul << (signal - 1);
    ol_raw_call(OL_OWN_rt_sigprocmask, SIG_UNBLOCK, (long)&mask, 0, 8, 0, 0);
    return (int)ol_raw_call(OL_OWN_rt_sigaction, signal, (long)action, 0, 8, 0, 0);
}

int ol_raw_thread_name(char name[static 16])
{
    memset(name, 0, 16);
    return (int)call3(OL_OWN_prctl, PR_GET_NAME, (long)name, 0);
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

int ol_raw_thread_usage(struct ol_usage *usage)
{
    struct rusage kernels;
    int result = (int)call3(OL_OWN_getrusage, RUSAGE_THREAD, (long)&kernels, 0);
    if (result == 0)
        *usage = (struct ol_usage){.waits = (uint64_t)kernels.ru_nvcsw,
                                   .major_faults = (uint64_t)kernels.ru_majflt,
                                   .cpu_ns = nanoseconds(kernels.ru_utime) +
                                             nanoseconds(kernels.ru_stime)};
    return result;
}

static const uint64_t fatal = UINT64_C(1) << (SIGPIPE - 1) | UINT64_C(1) << (SIGXFSZ - 1);

struct ol_quiet ol_raw_quiet_begin(void)
{
    struct ol_quiet quiet = {0};
    ol_raw_call(OL_OWN_rt_sigprocmask, SIG_BLOCK, (long)&fatal, (long)&quiet.blocked, 8, 0, 0);
    call3(OL_OWN_rt_sigpending, (long)&quiet.pending, 8, 0);
    return quiet;
}

void ol_raw_quiet_end(struct ol_quiet quiet)
{
    struct timespec none = {0};
    uint64_t ours = fatal & ~quiet.pending;
    while (ol_raw_call(OL_OWN_rt_sigtimedwait, (long)&ours, 0, (long)&none, 8, 0, 0) == -EINTR) {
    }
    ol_raw_call(OL_OWN_rt_sigprocmask, SIG_SETMASK, (long)&quiet.blocked, 0, 8, 0, 0);
}

/* Signals that can't be held back could end the program. */
static bool can_be_quiet(void)
{
    static const uint64_t usual[6] = {SIG_BLOCK, 0, 0, 8, 0, 0};
    return !ol_sandbox_is_narrow || (ol_sandbox_allows(OL_OWN_rt_sigprocmask, usual) &&
                                     ol_sandbox_allows(OL_OWN_rt_sigpending, usual) &&
                                     ol_sandbox_allows(OL_OWN_rt_sigtimedwait, usual));
}

bool ol_raw_hold_signals(uint64_t *before)
{
    static const uint64_t usual[6] = {SIG_BLOCK, 0, 0, 8, 0, 0};
    static const uint64_t all = UINT64_MAX;
    if (ol_sandbox_is_narrow && !ol_sandbox_allows(OL_OWN_rt_sigprocmask, usual))
        return false;
    return ol_raw_call(OL_OWN_rt_sigprocmask, SIG_BLOCK, (long)&all, (long)before, 8, 0, 0) == 0;
}

void ol_raw_release_signals(uint64_t before)
{
    ol_raw_call(OL_OWN_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, 8, 0, 0);
}

bool ol_raw_takes_bytes(int fd)
{
    if (!can_be_quiet())
        return false;
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    struct timespec none = {0};
    return ol_raw_call(OL_OWN_ppoll, (long)&wanted, 1, (long)&none, 0, 8, 0) == 1 &&
           (wanted.revents & (POLLOUT | POLLERR | POLLNVAL)) == POLLOUT;
}

void ol_raw_sleep(int64_t ns)
{
    struct timespec time = {.tv_nsec = ns};
    call3(OL_OWN_nanosleep, (long)&time, 0, 0);
}
