/* SPDX-License-Identifier: MIT */
/* The argument of a call as users want to see it: a path, host:port, a duration.
 *
 * A wrapper only says what it has (struct ol_argument, no work); the words are made at a site's
 * first hit. Pointers are the caller's and live for the call; they are read with ol_raw_peek, since
 * a program may pass nonsense and get EFAULT.
 */
#ifndef OFFLOOP_ARGUMENT_H
#define OFFLOOP_ARGUMENT_H

#include <stdint.h>

#include "../arch/arch.h"
#include "text.h"

enum ol_argument_kind {
    OL_ARGUMENT_none,
    OL_ARGUMENT_text,        /* text: a string; number: enum ol_argument_text */
    OL_ARGUMENT_at,          /* text: a path; number: the folder's descriptor or AT_FDCWD */
    OL_ARGUMENT_fd,          /* number: a descriptor, shown as its path or peer */
    OL_ARGUMENT_host,        /* text: a host; detail: a service, may be NULL */
    OL_ARGUMENT_address,     /* detail: struct sockaddr; number: its length */
    OL_ARGUMENT_nanoseconds, /* number */
    OL_ARGUMENT_pid,         /* number */
    OL_ARGUMENT_number,      /* number */
    OL_ARGUMENT_lock,        /* detail: its address; number: thread id of the holder, 0 unknown */
    OL_ARGUMENT_pair,        /* text and detail: two paths */
    OL_ARGUMENT_polled,      /* detail: struct pollfd; number: of them */
    OL_ARGUMENT_ip,          /* detail: an address without a port; number: its family */
    OL_ARGUMENT_format,      /* text: as printf's; detail: the address of a va_list */
};

enum ol_argument_text {
    OL_TEXT_string, /* a command, a name, a URL */
    OL_TEXT_path,
    OL_TEXT_ours, /* what we say of the call, in place of an argument */
};

struct ol_argument {
    enum ol_argument_kind kind;
    const char *text;
    const void *detail;
    int64_t number;
};

/* What rows of calls.def write in their last column. */
#define NONE ((struct ol_argument){.kind = OL_ARGUMENT_none})
#define STRING(string) ((struct ol_argument){.kind = OL_ARGUMENT_text, .text = (string)})
#define PATH(path)                                                                                 \
    ((struct ol_argument){.kind = OL_ARGUMENT_text, .text = (path), .number = OL_TEXT_path})
#define OURS(words)                                                                                \
    ((struct ol_argument){.kind = OL_ARGUMENT_text, .text = (words), .number = OL_TEXT_ours})
#define AT(folder, path)                                                                           \
    ((struct ol_argument){.kind = OL_ARGUMENT_at, .text = (path), .number = (folder)})
#define FD(fd) ((struct ol_argument){.kind = OL_ARGUMENT_fd, .number = (fd)})
#define HOST(name, service)                                                                        \
    ((struct ol_argument){.kind = OL_ARGUMENT_host, .text = (name), .detail = (service)})
#define ADDRESS(address, size)                                                                     \
    ((struct ol_argument){.kind = OL_ARGUMENT_address, .detail = (address), .number = (size)})
#define NANOSECONDS(count)                                                                         \
    ((struct ol_argument){.kind = OL_ARGUMENT_nanoseconds, .number = (count)})
#define PID(pid) ((struct ol_argument){.kind = OL_ARGUMENT_pid, .number = (pid)})
#define ID(count) ((struct ol_argument){.kind = OL_ARGUMENT_number, .number = (count)})
#define LOCK(address, holder)                                                                      \
    ((struct ol_argument){.kind = OL_ARGUMENT_lock, .detail = (address), .number = (holder)})
#define PAIR(from, to)                                                                             \
    ((struct ol_argument){.kind = OL_ARGUMENT_pair, .text = (from), .detail = (to)})

#define POLLED(fds, count)                                                                         \
    ((struct ol_argument){.kind = OL_ARGUMENT_polled, .detail = (fds), .number = (int64_t)(count)})
#define IP(address, family)                                                                        \
    ((struct ol_argument){.kind = OL_ARGUMENT_ip, .detail = (address), .number = (family)})
#define FORMAT(format, list)                                                                       \
    ((struct ol_argument){                                                                         \
        .kind = OL_ARGUMENT_format, .text = (format), .detail = OL_ARCH_ADDRESS_OF_LIST(list)})

/* Writes the words of the argument; nothing for none. Bytes are as they came: whoever prints them
 * escapes them. Whole, for allow rules; what may be kept of it is the next function's. */
void ol_argument_write(const struct ol_argument *argument, struct ol_text *text);

/* Writes what is kept of the words that ol_argument_write() made (secret.h): for the record and for
 * whatever is shown. */
void ol_argument_keep(const struct ol_argument *argument, const char *words, struct ol_text *text);

#endif
