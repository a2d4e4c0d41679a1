/* SPDX-License-Identifier: MIT */
/* The library's own system calls: raw, so that they never meet our wrappers or somebody else's, and
 * never touch errno. Results are as the kernel gives them: a negative errno on failure; -EPERM for
 * what a filter of the program's forbids (sandbox.h), which is not made. Safe in signal handlers
 * and between fork and exec. */
#ifndef OFFLOOP_RAWIO_H
#define OFFLOOP_RAWIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct pollfd;

int ol_raw_open(const char *path, int flags, unsigned mode);
int ol_raw_openat(int folder, const char *path, int flags, unsigned mode);
int ol_raw_close(int fd);
ssize_t ol_raw_read(int fd, void *buffer, size_t size);

/* The beginning of a file, by one read: how many bytes, without a NUL behind; 0 where it can't be
 * read. For files of /proc and /sys, which give all they have at once. */
size_t ol_raw_read_file(const char *path, void *buffer, size_t size);
ssize_t ol_raw_pread(int fd, void *buffer, size_t size, uint64_t offset);
ssize_t ol_raw_write(int fd, const void *bytes, size_t size);
ssize_t ol_raw_writev(int fd, const struct iovec *parts, int count);
int ol_raw_fstat(int fd, struct stat *status);
int ol_raw_lstat(const char *path, struct stat *status);
int ol_raw_mkdir(const char *path, unsigned mode);
int ol_raw_unlink(const char *path);
int ol_raw_fallocate(int fd, uint64_t size);
int ol_raw_ftruncate(int fd, uint64_t size);
int ol_raw_overwrite_in_place(int fd); /* of an empty file, where btrfs would copy on write */
ssize_t ol_raw_readlink(const char *path, char *buffer, size_t size);
int ol_raw_getcwd(char *buffer, size_t size); /* length with NUL */
int ol_raw_fcntl(int fd, int command, unsigned long argument);
int ol_raw_getsockopt(int fd, int level, int option, void *value, unsigned *size);
int ol_raw_getsockname(int fd, void *address, unsigned *size);
int ol_raw_getpeername(int fd, void *address, unsigned *size);
void *ol_raw_mmap(size_t size, int protection, int flags, int fd); /* NULL on failure */
bool ol_raw_mmap_over(void *address, size_t size, int protection, int flags, int fd);
int ol_raw_madvise(void *address, size_t size, int advice);
int ol_raw_munmap(void *address, size_t size);
int ol_raw_mincore(void *address, size_t size, unsigned char *pages);
int ol_raw_gettid(void);
int ol_raw_getpid(void);
int ol_raw_geteuid(void);
bool ol_raw_is_alive(int pid);
bool ol_raw_thread_is_alive(int tid); /* of this process */
bool ol_raw_is_file(int fd);          /* of a regular file or a disk */
bool ol_raw_has_offset(int fd);       /* of these, or of a device that may be read at an offset */
bool ol_raw_is_readable(int fd);      /* something is there to read, or the end */
bool ol_raw_is_ready(struct pollfd *fds, unsigned count); /* one of them: poll() would not wait */
bool ol_raw_has_ended(int type, int id, int options);     /* waitid() of it would not wait */
int ol_raw_raise(int signal);                             /* to the calling thread */
int ol_raw_sigaction_default(int signal);
int ol_raw_thread_name(char name[static 16]); /* of the calling thread, NUL-padded */

/* What the calling thread has used so far. */
struct ol_usage {
    uint64_t waits;        /* voluntary context switches: it gave up the processor to wait */
    uint64_t major_faults; /* pages that came from disk */
    uint64_t cpu_ns;       /* processor time, user and system */
};
int ol_raw_thread_usage(struct ol_usage *usage);

/* Copies memory that may not be there: false when any of it can't be read. */
bool ol_raw_peek(const void *address, void *copy, size_t size);

/* The same up to the string's NUL, and nothing behind it is touched; a longer one is cut at size -
 * 1 bytes. False: not all of it can be read. */
bool ol_raw_peek_string(const void *address, char *copy, size_t size);

/* Set at start: the program runs under valgrind, which warns of calls that can't be, and whose
 * tools know some functions of the C library, and not those by which we try them first. */
extern bool ol_raw_beside_valgrind __attribute__((visibility("hidden")));
void ol_raw_look_for_valgrind(void);

/* The page of that address can be read: programs may pass nonsense, and expect EFAULT. */
bool ol_raw_can_read(const void *address);

/* Around writes: a closed pipe (SIGPIPE) or a limit on the size of files (SIGXFSZ) would end the
 * program. These signals are held back, and what our write sent is taken away; the program's own
 * stay. */
struct ol_quiet {
    uint64_t blocked; /* signals that were blocked before, bit 0 for signal 1 */
    uint64_t pending;
};
struct ol_quiet ol_raw_quiet_begin(void);
void ol_raw_quiet_end(struct ol_quiet quiet);

/* Holds all signals back that come to the calling thread; `*before`: which were held back already.
 * False: that can't be done. */
bool ol_raw_hold_signals(uint64_t *before);
void ol_raw_release_signals(uint64_t before);

/* A write of one page or less to that descriptor does not block now, and somebody may read it. */
bool ol_raw_takes_bytes(int fd);

/* The clock_gettime of libc itself, as shim/real.c finds it; system calls until then. */
typedef int ol_raw_clock(clockid_t clock, struct timespec *now);
void ol_raw_use_clock(ol_raw_clock *of_libc);

/* Before a filter is set: a clock that can only be had from the kernel, where the filter forbids
 * that, stands still from then on. */
void ol_raw_look_at_clock(void);

/* CLOCK_MONOTONIC and CLOCK_REALTIME, ns (by the vDSO: no system call). */
int64_t ol_raw_now(void);
int64_t ol_raw_realtime(void);

void ol_raw_sleep(int64_t ns); /* less than a second; a signal may end it early */

#endif
