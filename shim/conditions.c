/* SPDX-License-Identifier: MIT */
/* When a call may block. The contract is in conditions.h. */
#include "conditions.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../arch/arch.h"
#include "../detector/peer.h"
#include "../detector/rawio.h"
#include "../detector/thread.h"
#include "real.h"

bool ol_conditions_names_file(const char *path)
{
    if (!path || !ol_raw_can_read(path) || !path[0])
        return false;
    ol_self.looked_at = path;
    return true;
}

/* Digits in any spelling that the C library reads as an address: 127.1, fe80::1%eth0. */
static bool is_address(const char *host)
{
    char digits[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;
    size_t length = strcspn(host, "%");
    if (length >= sizeof digits)
        return false;
    memcpy(digits, host, length);
    digits[length] = '\0';
    if (inet_pton(AF_INET6, digits, &six) == 1)
        return true;
    return !host[length] && !strpbrk(host, " \t\n") && inet_aton(host, &four);
}

bool ol_conditions_needs_lookup(const char *host, const struct addrinfo *hints)
{
    if (!host || !host[0] || (hints && hints->ai_flags & AI_NUMERICHOST))
        return false;
    return !is_address(host);
}

bool ol_conditions_is_blocking(int fd)
{
    int flags = ol_raw_fcntl(fd, F_GETFL, 0);
    return flags >= 0 && !(flags & O_NONBLOCK);
}

static mode_t kind_of(int fd)
{
    struct stat status;
    return ol_raw_fstat(fd, &status) == 0 ? status.st_mode & S_IFMT : S_IFDIR;
}

/* In non-blocking mode, which files do not know. It is a socket or a pipe most of the time, and one
 * system call has told that it can't block then. */
static enum ol_when without_waiting(int flags)
{
    return flags >= 0 && flags & OL_ARCH_OPENED ? OL_IF_SLOW_FILE : OL_SILENT;
}

/* Kinds without a name (0) are eventfd, timerfd and their like. */
enum ol_when ol_conditions_reads(int fd)
{
    int flags = ol_raw_fcntl(fd, F_GETFL, 0);
    if (flags < 0 || flags & O_NONBLOCK)
        return without_waiting(flags);
    mode_t kind = kind_of(fd);
    if (kind == S_IFDIR)
        return OL_SILENT;
    if (kind == S_IFIFO)
        return ol_raw_is_readable(fd) ? OL_SILENT : OL_COUNTS;
    return kind == S_IFSOCK ? OL_COUNTS | OL_RECEIVES : OL_IF_SLOW;
}

/* What a service or a parent process gave as output may be a socket: the program prints, and does
 * not send. */
static bool is_output(int fd)
{
    return fd == STDOUT_FILENO || fd == STDERR_FILENO;
}

enum ol_when ol_conditions_writes(int fd)
{
    int flags = ol_raw_fcntl(fd, F_GETFL, 0);
    if (flags < 0 || flags & O_NONBLOCK)
        return without_waiting(flags);
    if ((flags & O_ACCMODE) == O_RDONLY) /* folders too: it fails at once */
        return OL_SILENT;
    if (flags & OL_ARCH_OPENED || is_output(fd) || kind_of(fd) != S_IFSOCK)
        return OL_IF_SLOW;
    return ol_conditions_sends(fd, 0) | OL_SENDS;
}

static bool is_blocking_socket(int fd)
{
    int flags = ol_raw_fcntl(fd, F_GETFL, 0);
    return flags >= 0 && !(flags & (O_NONBLOCK | OL_ARCH_OPENED)) && kind_of(fd) == S_IFSOCK;
}

enum ol_when ol_conditions_copies(int from, int to)
{
    if (is_blocking_socket(to))
        return OL_COUNTS | OL_SENDS;
    return is_blocking_socket(from) ? OL_COUNTS | OL_RECEIVES : OL_IF_SLOW;
}

static int option_of(int fd, int option)
{
    int value = 0;
    unsigned size = sizeof value;
    return ol_raw_getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

enum ol_when ol_conditions_receives(int fd, int flags)
{
    return flags & (MSG_DONTWAIT | MSG_ERRQUEUE) || !ol_conditions_is_blocking(fd) ? OL_SILENT
                                                                                   : OL_COUNTS;
}

enum ol_when ol_conditions_sends(int fd, int flags)
{
    if (flags & MSG_DONTWAIT || !ol_conditions_is_blocking(fd))
        return OL_SILENT;
    return option_of(fd, SO_TYPE) == SOCK_DGRAM ? OL_IF_SLOW : OL_COUNTS;
}

int ol_conditions_stream_fd(FILE *stream)
{
    int saved = errno;
    int fd = stream ? fileno_unlocked(stream) : -1;
    errno = saved;
    return fd;
}

enum ol_when ol_conditions_streams(FILE *stream)
{
    return stream && ol_conditions_stream_fd(stream) < 0 ? OL_SILENT : OL_IF_SLOW;
}

/* What is buffered is there; who wants more than that of a socket waits as long as it takes. */
enum ol_when ol_conditions_stream_reads(FILE *stream)
{
    bool empty = stream && stream->_IO_read_ptr >= stream->_IO_read_end;
    return empty && is_blocking_socket(ol_conditions_stream_fd(stream))
               ? OL_COUNTS | OL_RECEIVES
               : ol_conditions_streams(stream);
}

enum ol_when ol_conditions_stream_flushes(FILE *stream)
{
    int fd = stream && stream->_IO_write_ptr > stream->_IO_write_base
                 ? ol_conditions_stream_fd(stream)
                 : -1;
    return !is_output(fd) && is_blocking_socket(fd) ? OL_COUNTS | OL_SENDS
                                                    : ol_conditions_streams(stream);
}

enum ol_when ol_conditions_stream_has_nothing(FILE *stream)
{
    return stream->_IO_read_ptr < stream->_IO_read_end ? OL_SILENT
                                                       : ol_conditions_stream_reads(stream);
}

enum ol_when ol_conditions_stream_has_no_room(FILE *stream)
{
    return stream->_IO_write_ptr < stream->_IO_write_end ? OL_SILENT
                                                         : ol_conditions_streams(stream);
}

enum ol_when ol_conditions_starts_transfer(int advice)
{
    return advice == POSIX_FADV_WILLNEED || advice == POSIX_FADV_DONTNEED ? OL_IF_SLOW : OL_SILENT;
}

enum ol_when ol_conditions_takes_semaphore(const struct sembuf *steps, size_t count)
{
    enum { MOST_STEPS = 32 }; /* of an ordinary kernel: 500; who has more is not looked at */
    struct sembuf copy[MOST_STEPS];
    if (count > MOST_STEPS)
        return OL_IF_SLOW;
    if (!ol_raw_peek(steps, copy, count * sizeof *copy))
        return OL_SILENT;
    for (size_t i = 0; i < count; i++)
        if (copy[i].sem_op <= 0 && !(copy[i].sem_flg & IPC_NOWAIT))
            return OL_IF_SLOW;
    return OL_SILENT;
}

bool ol_conditions_awaits_child_of(idtype_t type, id_t id, int options)
{
    return !(options & WNOHANG) && !ol_raw_has_ended((int)type, (int)id, options);
}

bool ol_conditions_awaits_child(pid_t pid, int options)
{
    idtype_t type = pid > 0 ? P_PID : pid == -1 ? P_ALL : P_PGID;
    return ol_conditions_awaits_child_of(type, pid < -1 ? (id_t)-pid : (id_t)pid,
                                         options | WEXITED);
}

bool ol_conditions_has_time(const struct timespec *timeout)
{
    return !timeout || ol_conditions_nanoseconds_until(CLOCK_MONOTONIC, 0, timeout) > 0;
}

bool ol_conditions_is_to_come(const struct timespec *until)
{
    return !until || ol_conditions_nanoseconds_until(CLOCK_REALTIME, TIMER_ABSTIME, until) > 0;
}

bool ol_conditions_connects(int fd, const void *address, size_t size)
{
    if (!ol_conditions_is_blocking(fd)) {
        ol_peer_connecting(fd, address, size);
        return false;
    }
    int type = option_of(fd, SO_TYPE);
    return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

int64_t ol_conditions_nanoseconds_until(clockid_t clock, int flags, const struct timespec *time)
{
    struct timespec now = {0};
    int saved = errno;
    bool known = ol_raw_can_read(time) && time->tv_sec >= 0 && time->tv_nsec >= 0 &&
                 time->tv_nsec < 1000000000 &&
                 (!(flags & TIMER_ABSTIME) || clock_gettime(clock, &now) == 0);
    errno = saved;
    if (!known)
        return 0;
    int64_t seconds = time->tv_sec - now.tv_sec;
    if (seconds > INT64_MAX / 1000000000 - 1) /* `sleep infinity` */
        return INT64_MAX;
    int64_t left = seconds * 1000000000 + (time->tv_nsec - now.tv_nsec);
    return left > 0 ? left : 0;
}

const char *ol_conditions_default_cert_file(const void *caller)
{
    const char *file = getenv("SSL_CERT_FILE");
    if (file)
        return file;
    union {
        void *object;
        const char *(*function)(void);
    } ask = {.object = ol_real_near_name("X509_get_default_cert_file", caller)};
    return ask.object ? ask.function() : NULL;
}
