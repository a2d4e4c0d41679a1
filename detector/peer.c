/* SPDX-License-Identifier: MIT */
/* Peers of connects in progress. The contract is in peer.h. */
#include "peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "rawio.h"

#define KEPT 4

struct peer {
    int known; /* descriptor + 1 */
    unsigned size;
    struct sockaddr_in6 address; /* the largest of those that take time to connect */
};

static __thread struct {
    struct peer peers[KEPT];
    unsigned next;
} connecting __attribute__((tls_model("initial-exec")));

void ol_peer_connecting(int fd, const void *address, size_t size)
{
    struct peer peer = {.known = fd + 1, .size = (unsigned)size};
    if (size > sizeof peer.address || !ol_raw_peek(address, &peer.address, size))
        return;
    ol_peer_forget(fd);
    connecting.peers[connecting.next++ % KEPT] = peer;
}

void ol_peer_forget(int fd)
{
    for (unsigned i = 0; i < KEPT; i++)
        if (connecting.peers[i].known == fd + 1)
            connecting.peers[i].known = 0;
}

/* A socket that waits for others to connect has no peer, whatever its number was used for. */
static bool is_on_its_way(int fd)
{
    unsigned char state = 0;
    unsigned size = sizeof state;
    return ol_raw_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &size) == 0 &&
           (state == TCP_SYN_SENT || state == TCP_CLOSE);
}

size_t ol_peer_find(int fd, void *address, size_t size)
{
    for (unsigned i = 0; i < KEPT; i++) {
        const struct peer *peer = &connecting.peers[i];
        if (peer->known != fd + 1 || peer->size > size || !is_on_its_way(fd))
            continue;
        memcpy(address, &peer->address, peer->size);
        return peer->size;
    }
    return 0;
}
