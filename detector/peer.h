/* SPDX-License-Identifier: MIT */
/* Where sockets of this thread were asked to connect to: while a connect is in progress, the kernel
 * tells nobody. The last few are kept. */
#ifndef OFFLOOP_PEER_H
#define OFFLOOP_PEER_H

#include <stdbool.h>
#include <stddef.h>

/* connect() on a socket that does not wait for it; the address is the program's memory. */
void ol_peer_connecting(int fd, const void *address, size_t size);

/* The descriptor is another one from now on. */
void ol_peer_forget(int fd);

/* Where that socket is on its way to, or was when it failed; its size, 0 when it is not known. */
size_t ol_peer_find(int fd, void *address, size_t size);

#endif
