/* SPDX-License-Identifier: MIT */
/* epoll_create(): what makes epoll descriptors, which poll() and select() may wait for. */
#include <sys/epoll.h>

#include "../detector/epolls.h"
#include "bridges.h"
#include "wrap.h"

static __attribute__((used)) int wrap_epoll_create1(int flags)
{
    int fd = REAL(epoll_create1)(flags);
    ol_epolls_made(fd);
    ol_bridges_expect(fd);
    return fd;
}

static __attribute__((used)) int wrap_epoll_create(int size)
{
    int fd = REAL(epoll_create)(size);
    ol_epolls_made(fd);
    ol_bridges_expect(fd);
    return fd;
}

OL_EXPORT(epoll_create1)
OL_EXPORT(epoll_create)
OL_CHECK_SIGNATURE(epoll_create1)
OL_CHECK_SIGNATURE(epoll_create)
