/* The library's own system calls, by the bare instruction: nothing of libc in between, so neither
 * our own wrappers nor errno are met. The only file that does this; everything that opens, writes
 * or asks the kernel goes through it. */
#include "rawio.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if defined __x86_64__
static long call6(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined __aarch64__
static long call6(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}
#else
#error "offloop runs on x86-64 and aarch64: add this machine's system call instruction here"
#endif

static long call3(long number, long a, long b, long c)
{
    return call6(number, a, b, c, 0, 0, 0);
}

int ol_raw_open(const char *path, int flags, unsigned mode)
{
    return (int)call6(SYS_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, mode, 0, 0);
}

int ol_raw_close(int fd)
{
    return (int)call3(SYS_close, fd, 0, 0);
}

ssize_t ol_raw_read(int fd, void *buffer, size_t size)
{
    return call3(SYS_read, fd, (long)buffer, (long)size);
}

ssize_t ol_raw_pread(int fd, void *buffer, size_t size, uint64_t offset)
{
    return call6(SYS_pread64, fd, (long)buffer, (long)size, (long)offset, 0, 0);
}

ssize_t ol_raw_write(int fd, const void *bytes, size_t size)
{
    return call3(SYS_write, fd, (long)bytes, (long)size);
}

ssize_t ol_raw_pwrite(int fd, const void *bytes, size_t size, uint64_t offset)
{
    return call6(SYS_pwrite64, fd, (long)bytes, (long)size, (long)offset, 0, 0);
}

/* newfstatat fills glibc's struct stat on both machines. */
int ol_raw_fstat(int fd, struct stat *status)
{
    return (int)call6(SYS_newfstatat, fd, (long)"", (long)status, AT_EMPTY_PATH, 0, 0);
}

int ol_raw_lstat(const char *path, struct stat *status)
{
    return (int)call6(SYS_newfstatat, AT_FDCWD, (long)path, (long)status, AT_SYMLINK_NOFOLLOW, 0,
                      0);
}

int ol_raw_mkdir(const char *path, unsigned mode)
{
    return (int)call3(SYS_mkdirat, AT_FDCWD, (long)path, mode);
}

int ol_raw_unlink(const char *path)
{
    return (int)call3(SYS_unlinkat, AT_FDCWD, (long)path, 0);
}

int ol_raw_fallocate(int fd, uint64_t size)
{
    return (int)call6(SYS_fallocate, fd, 0, 0, (long)size, 0, 0);
}

int ol_raw_ftruncate(int fd, uint64_t size)
{
    return (int)call3(SYS_ftruncate, fd, (long)size, 0);
}

ssize_t ol_raw_readlink(const char *path, char *buffer, size_t size)
{
    return call6(SYS_readlinkat, AT_FDCWD, (long)path, (long)buffer, (long)size, 0, 0);
}

int ol_raw_getcwd(char *buffer, size_t size)
{
    return (int)call3(SYS_getcwd, (long)buffer, (long)size, 0);
}

int ol_raw_fcntl(int fd, int command, unsigned long argument)
{
    return (int)call3(SYS_fcntl, fd, command, (long)argument);
}

int ol_raw_getsockopt(int fd, int level, int option, void *value, unsigned *size)
{
    return (int)call6(SYS_getsockopt, fd, level, option, (long)value, (long)size, 0);
}

int ol_raw_getpeername(int fd, void *address, unsigned *size)
{
    return (int)call3(SYS_getpeername, fd, (long)address, (long)size);
}

void *ol_raw_mmap(size_t size, int protection, int flags, int fd)
{
    long result = call6(SYS_mmap, 0, (long)size, protection, flags, fd, 0);
    return result < 0 && result > -4096 ? NULL : (void *)result;
}

int ol_raw_munmap(void *address, size_t size)
{
    return (int)call3(SYS_munmap, (long)address, (long)size, 0);
}

int ol_raw_gettid(void)
{
    return (int)call3(SYS_gettid, 0, 0, 0);
}

int ol_raw_getpid(void)
{
    return (int)call3(SYS_getpid, 0, 0, 0);
}

int ol_raw_geteuid(void)
{
    return (int)call3(SYS_geteuid, 0, 0, 0);
}

bool ol_raw_is_alive(int pid)
{
    return call3(SYS_kill, pid, 0, 0) != -ESRCH;
}

int ol_raw_raise(int signal)
{
    return (int)call3(SYS_tgkill, ol_raw_getpid(), ol_raw_gettid(), signal);
}

/* The kernel's own struct sigaction: handler, flags, restorer, mask; all zero is SIG_DFL. */
int ol_raw_sigaction_default(int signal)
{
    unsigned long action[4] = {0};
    unsigned long mask = 1ul << (signal - 1);
    call6(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&mask, 0, 8, 0, 0);
    return (int)call6(SYS_rt_sigaction, signal, (long)action, 0, 8, 0, 0);
}

int ol_raw_thread_name(char name[static 16])
{
    memset(name, 0, 16);
    return (int)call3(SYS_prctl, PR_GET_NAME, (long)name, 0);
}

int ol_raw_thread_usage(uint64_t *waits, uint64_t *major_faults)
{
    struct rusage usage;
    int result = (int)call3(SYS_getrusage, RUSAGE_THREAD, (long)&usage, 0);
    if (result == 0) {
        *waits = (uint64_t)usage.ru_nvcsw;
        *major_faults = (uint64_t)usage.ru_majflt;
    }
    return result;
}

static int peek_pid; /* getpid() would be half of the cost of a peek */

void ol_raw_forked(void)
{
    peek_pid = 0;
}

bool ol_raw_peek(const void *address, void *copy, size_t size)
{
    union {
        const void *constant;
        void *plain;
    } there = {.constant = address};
    struct iovec local = {copy, size};
    struct iovec remote = {there.plain, size};
    if (!peek_pid)
        peek_pid = ol_raw_getpid();
    long got = call6(SYS_process_vm_readv, peek_pid, (long)&local, 1, (long)&remote, 1, 0);
    return got == (long)size;
}

/* clock_gettime is not interposed by us, needs no system call, and does not set errno when it
 * succeeds. */
static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t ol_raw_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t ol_raw_realtime(void)
{
    return clock_ns(CLOCK_REALTIME);
}
