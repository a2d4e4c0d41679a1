/* The library's own system calls, by the bare instruction: nothing of libc in between, so neither
 * our own wrappers nor errno are met. The only file that does this; everything that opens, writes
 * or asks the kernel goes through it. */
#include "rawio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
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

ssize_t ol_raw_writev(int fd, const struct iovec *parts, int count)
{
    return call3(SYS_writev, fd, (long)parts, count);
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

int ol_raw_getsockname(int fd, void *address, unsigned *size)
{
    return (int)call3(SYS_getsockname, fd, (long)address, (long)size);
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

bool ol_raw_thread_is_alive(int tid)
{
    return call3(SYS_tgkill, ol_raw_getpid(), tid, 0) != -ESRCH;
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
    return call6(SYS_ppoll, (long)fds, count, (long)&none, 0, 8, 0) > 0;
}

bool ol_raw_has_ended(int type, int id, int options)
{
    siginfo_t info = {0};
    long error = call6(SYS_waitid, type, id, (long)&info, options | WNOHANG | WNOWAIT, 0, 0);
    return error || info.si_pid;
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

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

int ol_raw_thread_usage(struct ol_usage *usage)
{
    struct rusage kernels;
    int result = (int)call3(SYS_getrusage, RUSAGE_THREAD, (long)&kernels, 0);
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
    call6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&fatal, (long)&quiet.blocked, 8, 0, 0);
    call3(SYS_rt_sigpending, (long)&quiet.pending, 8, 0);
    return quiet;
}

void ol_raw_quiet_end(struct ol_quiet quiet)
{
    struct timespec none = {0};
    uint64_t ours = fatal & ~quiet.pending;
    while (call6(SYS_rt_sigtimedwait, (long)&ours, 0, (long)&none, 8, 0, 0) == -EINTR) {
    }
    call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&quiet.blocked, 0, 8, 0, 0);
}

bool ol_raw_takes_bytes(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    struct timespec none = {0};
    return call6(SYS_ppoll, (long)&wanted, 1, (long)&none, 0, 8, 0) == 1 &&
           (wanted.revents & (POLLOUT | POLLERR | POLLNVAL)) == POLLOUT;
}

/* Can the page be read? The kernel reads the eight bytes of a new signal mask before it looks at
 * what to do with them, and -1 is nothing that it does. No seccomp filter forbids that. */
static bool is_there(uintptr_t address)
{
    uintptr_t word = address & ~(uintptr_t)7; /* 0 would be no mask at all */
    return word && call6(SYS_rt_sigprocmask, -1, (long)word, 0, 8, 0, 0) != -EFAULT;
}

/* A page is asked about once, then read byte by byte: no memcpy(), which a host's sanitizer would
 * judge. `string`: up to its NUL. */
static size_t copy_there(uintptr_t from, char *copy, size_t size, bool string)
{
    for (size_t i = 0; i < size; i++) {
        if ((i == 0 || (from + i) % 4096 == 0) && !is_there(from + i))
            return i;
        copy[i] = *(const volatile char *)(from + i);
        if (string && !copy[i])
            return i + 1;
    }
    return size;
}

/* process_vm_readv is one call, and right even while another thread unmaps; but a program that went
 * into a sandbox could be killed for it. */
bool ol_raw_peek(const void *address, void *copy, size_t size)
{
    union {
        const void *constant;
        void *plain;
    } there = {.constant = address};
    struct iovec local = {copy, size};
    struct iovec remote = {there.plain, size};
    bool sandboxed = call3(SYS_prctl, PR_GET_SECCOMP, 0, 0) != 0;
    long got = sandboxed ? -ENOSYS
                         : call6(SYS_process_vm_readv, ol_raw_getpid(), (long)&local, 1,
                                 (long)&remote, 1, 0);
    if (got == -ENOSYS || got == -EPERM)
        return copy_there((uintptr_t)address, copy, size, false) == size;
    return got == (long)size;
}

bool ol_raw_can_read(const void *address)
{
    return is_there((uintptr_t)address);
}

bool ol_raw_peek_string(const void *address, char *copy, size_t size)
{
    size_t count = copy_there((uintptr_t)address, copy, size, true);
    if (count && copy[count - 1] == '\0')
        return true;
    copy[size - 1] = '\0';
    return count == size;
}

static ol_raw_clock *libc_clock;

void ol_raw_use_clock(ol_raw_clock *of_libc)
{
    libc_clock = of_libc;
}

/* libc's own needs no system call, and does not set errno when it succeeds; but by its name alone
 * we could get that of a library which makes up times. */
static int64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};
    if (libc_clock)
        libc_clock(clock, &now);
    else
        call3(SYS_clock_gettime, clock, (long)&now, 0);
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

void ol_raw_sleep(int64_t ns)
{
    struct timespec time = {.tv_nsec = ns};
    call3(SYS_nanosleep, (long)&time, 0, 0);
}
