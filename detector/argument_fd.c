/* SPDX-License-Identifier: MIT */
/* Descriptors in words. The contract is in argument_inside.h. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "argument_inside.h"
#include "peer.h"
#include "rawio.h"
#include "thread.h"

#define MOST_SHOWN 3   /* peers of one epoll descriptor */
#define MOST_POLLED 64 /* descriptors that are asked for a peer */

/* The peer of a connected socket, or of one that is on its way there; else where it listens. */
static size_t find_peer(int fd, struct sockaddr_storage *address)
{
    unsigned size = sizeof *address;
    if (ol_raw_getpeername(fd, address, &size) == 0 && size > sizeof address->ss_family)
        return size;
    size_t of_connect = ol_peer_find(fd, address, sizeof *address);
    if (of_connect)
        return of_connect;
    size = sizeof *address;
    return ol_raw_getsockname(fd, address, &size) == 0 && size > sizeof address->ss_family ? size
                                                                                           : 0;
}

static bool add_peer(struct ol_text *text, int fd)
{
    struct sockaddr_storage address;
    size_t before = text->length;
    size_t size = find_peer(fd, &address);
    if (size)
        ol_argument_add_address(text, &address, size);
    return text->length > before;
}

static size_t read_fdinfo(int fd, char *bytes, size_t size)
{
    char path[64];
    struct ol_text name = OL_TEXT(path);
    ol_text_add(&name, "/proc/self/fdinfo/");
    ol_text_add_signed(&name, fd);
    size_t length = ol_raw_read_file(path, bytes, size - 1);
    bytes[length] = '\0';
    return length;
}

/* The number of the next line "tfd:        5 events: …", -1 at the end. */
static int next_watched(const char **at)
{
    const char *line = strstr(*at, "tfd:");
    if (!line)
        return -1;
    int fd = 0;
    for (line += 4 + strspn(line + 4, " \t"); *line >= '0' && *line <= '9'; line++)
        fd = fd * 10 + (*line - '0');
    *at = line;
    return fd;
}

static unsigned add_watched(struct ol_text *text, const char *info)
{
    unsigned found = 0;
    for (int fd = next_watched(&info); fd >= 0; fd = next_watched(&info)) {
        struct sockaddr_storage address;
        size_t size = find_peer(fd, &address);
        if (!size || ++found > MOST_SHOWN)
            continue;
        ol_text_add(text, found > 1 ? ", " : "");
        ol_argument_add_address(text, &address, size);
    }
    return found;
}

/* What has no name may be the pipe of a child that was made in this turn. */
static bool add_child_of_turn(struct ol_text *text)
{
    if (!ol_self.child || ol_self.child_turn != ol_self.turn_started)
        return false;
    ol_argument_add_process(text, ol_self.child);
    return true;
}

/* Which sockets a wait by epoll is for: a library's own loop knows more than one. */
static bool add_epoll(struct ol_text *text, int fd)
{
    char info[2048];
    if (!read_fdinfo(fd, info, sizeof info))
        return false;
    unsigned found = add_watched(text, info);
    if (found > MOST_SHOWN) {
        ol_text_add(text, " and ");
        ol_text_add_unsigned(text, found - MOST_SHOWN);
        ol_text_add(text, " more");
    }
    return found || add_child_of_turn(text);
}

/* The link of /proc, cut to `size`; its length, 0 for none. */
static size_t read_link(int fd, char *target, size_t size)
{
    char link[64];
    struct ol_text name = OL_TEXT(link);
    ol_text_add(&name, "/proc/self/fd/");
    ol_text_add_signed(&name, fd);
    ssize_t length = ol_raw_readlink(link, target, size);
    return length > 0 ? (size_t)length : 0;
}

static bool begins(const char *target, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(target, with, strlen(with)) == 0;
}

void ol_argument_add_descriptor(struct ol_text *text, int fd)
{
    char target[OL_ARGUMENT_LONGEST];
    if (fd < 0 || add_peer(text, fd))
        return;
    size_t length = read_link(fd, target, sizeof target - 1);
    if (begins(target, length, "anon_inode:[eventpoll]") && add_epoll(text, fd))
        return;
    if (length) {
        ol_text_add_bytes(text, target, length);
    } else {
        ol_text_add(text, "fd ");
        ol_text_add_signed(text, fd);
    }
}

void ol_argument_add_polled(struct ol_text *text, const void *fds, uint64_t count)
{
    struct pollfd first = {.fd = -1}, polled;
    for (uint64_t i = 0; i < count && i < MOST_POLLED; i++) {
        if (!ol_raw_peek((const struct pollfd *)fds + i, &polled, sizeof polled))
            break;
        if (polled.fd >= 0 && add_peer(text, polled.fd))
            return;
        if (first.fd < 0)
            first = polled;
    }
    char target[16];
    size_t length = first.fd < 0 ? 0 : read_link(first.fd, target, sizeof target);
    if (!begins(target, length, "pipe:") || !add_child_of_turn(text))
        ol_argument_add_descriptor(text, first.fd);
}
