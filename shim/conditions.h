/* SPDX-License-Identifier: MIT */
/* When a call may block: the `when` column of calls.def. Asked on the loop only; system calls in
 * here are raw, errno stays. */
#ifndef OFFLOOP_CONDITIONS_H
#define OFFLOOP_CONDITIONS_H

#include "../detector/hit.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

struct addrinfo;
struct sembuf;

/* There is a path: not NULL, which fails at once, nor "", which asks about an open descriptor. To
 * be asked last: the judge that follows takes it that the path can be read. */
bool ol_conditions_names_file(const char *path);

/* The host is a name: not NULL, not digits, and the caller did not ask for digits only. */
bool ol_conditions_needs_lookup(const char *host, const struct addrinfo *hints);

/* connect() on it waits: a stream socket in blocking mode. Where to is kept of one that does not.
 */
bool ol_conditions_connects(int fd, const void *address, size_t size);

/* The descriptor is in blocking mode. */
bool ol_conditions_is_blocking(int fd);

/* read(), write() on that descriptor: files and terminals count if slow; pipes in blocking mode
 * count when they are empty, and writes to them if slow. Sockets in blocking mode are judged as by
 * recv() and send(), but for standard output and error, which are written to like pipes. */
enum ol_when ol_conditions_reads(int fd);
enum ol_when ol_conditions_writes(int fd);

/* sendfile(), splice(): as send() and recv() where an end is a socket in blocking mode; else if
 * slow. */
enum ol_when ol_conditions_copies(int from, int to);

/* read(), write() at an offset: what has none (sockets, pipes) fails at once. */
#define at_offset OL_IF_SLOW_AT

/* recv(), send() on that socket: not with MSG_DONTWAIT or in non-blocking mode, and datagrams are
 * sent if slow. An SO_RCVTIMEO or SO_SNDTIMEO only says how long they wait. */
enum ol_when ol_conditions_receives(int fd, int flags);
enum ol_when ol_conditions_sends(int fd, int flags);

/* A call on that stream: if slow, but for streams in memory, which have no descriptor. NULL is all
 * of them, or the caller's mistake. */
enum ol_when ol_conditions_streams(FILE *stream);

/* The same for a read and for a flush, which are judged as recv() and send() when the stream's
 * descriptor is a socket in blocking mode, and nothing is buffered or something is. */
enum ol_when ol_conditions_stream_reads(FILE *stream);
enum ol_when ol_conditions_stream_flushes(FILE *stream);

/* The same for one character, which waits only when nothing is buffered to be read, or when there
 * is no room to put it. */
enum ol_when ol_conditions_stream_has_nothing(FILE *stream);
enum ol_when ol_conditions_stream_has_no_room(FILE *stream);

/* posix_fadvise() that reads ahead or writes back. */
enum ol_when ol_conditions_starts_transfer(int advice);

/* semop() that may have to wait: takes from a semaphore, or waits until it is 0, without
 * IPC_NOWAIT. */
enum ol_when ol_conditions_takes_semaphore(const struct sembuf *steps, size_t count);

/* wait(), waitpid(), waitid() that may have to wait: without WNOHANG, and no such child has ended
 * yet. */
bool ol_conditions_awaits_child(pid_t pid, int options);
bool ol_conditions_awaits_child_of(idtype_t type, id_t id, int options);

/* A timeout that is not 0; NULL is for ever. The same for a moment of CLOCK_REALTIME. */
bool ol_conditions_has_time(const struct timespec *timeout);
bool ol_conditions_is_to_come(const struct timespec *until);

/* The descriptor of a stream, -1 for none. Keeps errno. */
int ol_conditions_stream_fd(FILE *stream);

/* How long clock_nanosleep would sleep, ns; 0 for a moment that has passed and for arguments that
 * make no sense. */
int64_t ol_conditions_nanoseconds_until(clockid_t clock, int flags, const struct timespec *time);

/* The file that OpenSSL's default trust paths start with: $SSL_CERT_FILE, else what the caller's
 * libcrypto was built with. */
const char *ol_conditions_default_cert_file(const void *caller);

/* The words of calls.def. */
#define names_file ol_conditions_names_file
#define is_blocking ol_conditions_is_blocking
#define is_file ol_raw_is_file
#define reads ol_conditions_reads
#define writes ol_conditions_writes
#define copies ol_conditions_copies
#define receives ol_conditions_receives
#define sends ol_conditions_sends
#define streams ol_conditions_streams
#define stream_reads ol_conditions_stream_reads
#define stream_flushes ol_conditions_stream_flushes
#define has_nothing ol_conditions_stream_has_nothing
#define has_no_room ol_conditions_stream_has_no_room
#define starts_transfer ol_conditions_starts_transfer
#define takes_semaphore ol_conditions_takes_semaphore
#define awaits_child ol_conditions_awaits_child
#define awaits_child_of ol_conditions_awaits_child_of
#define has_time ol_conditions_has_time
#define is_to_come ol_conditions_is_to_come
#define STREAM(stream) FD(ol_conditions_stream_fd(stream))
#define needs_lookup ol_conditions_needs_lookup
#define connects ol_conditions_connects
#define nanoseconds_until ol_conditions_nanoseconds_until
#define default_cert_file ol_conditions_default_cert_file

#endif
