/* When a call may block: the `when` column of calls.def. Asked on the loop only; system calls in
 * here are raw, errno stays. */
#ifndef OFFLOOP_CONDITIONS_H
#define OFFLOOP_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct addrinfo;

/* The path does not lead to /proc, /sys or /dev, which are no disks. A NULL path fails at once:
 * false. */
bool ol_on_disk(const char *path);

/* The same for calls that take a descriptor and "": those ask about an open file, which waits for
 * no path. */
bool ol_names_file(const char *path);

/* The host is a name: not NULL, not digits, and the caller did not ask for digits only. */
bool ol_needs_lookup(const char *host, const struct addrinfo *hints);

/* connect() on it waits: a stream socket in blocking mode. */
bool ol_connects_blocking(int fd);

/* The descriptor is in blocking mode. */
bool ol_is_blocking(int fd);

/* How long clock_nanosleep would sleep, ns; 0 for a moment that has passed and for arguments that
 * make no sense. */
int64_t ol_nanoseconds_until(clockid_t clock, int flags, const struct timespec *time);

/* The file that OpenSSL's default trust paths start with: $SSL_CERT_FILE, else what the caller's
 * libcrypto was built with. */
const char *ol_default_cert_file(const void *caller);

/* The words of calls.def. */
#define on_disk ol_on_disk
#define names_file ol_names_file
#define needs_lookup ol_needs_lookup
#define connects_blocking ol_connects_blocking
#define nanoseconds_until ol_nanoseconds_until
#define default_cert_file ol_default_cert_file

#endif
