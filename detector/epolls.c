/* SPDX-License-Identifier: MIT */
/* A bit for each descriptor that was an epoll one. The contract is in epolls.h. */
#include "epolls.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "affinity.h"
#include "loop.h"
#include "rawio.h"
#include "text.h"
#include "thread.h"

#define DESCRIPTORS 65536

static _Atomic uint64_t made[DESCRIPTORS / 64];

static bool is_in_range(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS;
}

void ol_epolls_made(int fd)
{
    if (fd < 0)
        return;
    ol_loop_closing(fd);
    ol_affinity_made(fd);
    if (!is_in_range(fd))
        return;
    atomic_fetch_or_explicit(&made[fd / 64], UINT64_C(1) << fd % 64, memory_order_relaxed);
    ol_self.has_epoll = true;
    ol_self.plain_caller = NULL;
}

static bool is_epoll(int fd)
{
    char path_bytes[40];
    char target[64] = "";
    struct ol_text path = OL_TEXT(path_bytes);
    ol_text_add(&path, "/proc/self/fd/");
    ol_text_add_signed(&path, fd);
    return ol_raw_readlink(path_bytes, target, sizeof target - 1) > 0 &&
           strcmp(target, "anon_inode:[eventpoll]") == 0;
}

bool ol_epolls_has(int fd)
{
    if (!is_in_range(fd))
        return false;
    uint64_t bit = UINT64_C(1) << fd % 64;
    if (!(atomic_load_explicit(&made[fd / 64], memory_order_relaxed) & bit))
        return false;
    if (is_epoll(fd))
        return true;
    atomic_fetch_and_explicit(&made[fd / 64], ~bit, memory_order_relaxed);
    return false;
}
