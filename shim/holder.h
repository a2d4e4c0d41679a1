/* SPDX-License-Identifier: MIT */
/* Who took a semaphore last: CPython's locks are semaphores, which don't know their holder. A lossy
 * table by address, written at each success by whoever took it; two threads may overwrite each
 * other, and then the holder is not known. The note costs 6 instructions: it is in every lock that
 * any thread of CPython takes. */
#ifndef OFFLOOP_HOLDER_H
#define OFFLOOP_HOLDER_H

#include <stdint.h>
#include <string.h>

/* A word is the lock's address plus the thread id, 42 bits to the left: the kernel's ids have 22
 * bits at most, and two locks whose words look alike are 4 TB apart. Its place is the address's low
 * 16 bits, in bytes; semaphores are aligned, and longer than a word. */
#define OL_HOLDER_SHIFT 42
extern unsigned char ol_holders[65536 + sizeof(uint64_t)] __attribute__((visibility("hidden")));

/* The thread id as it is added, 0 when not known. */
extern __thread uint64_t ol_holder_self
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline void ol_holder_meet(int tid)
{
    ol_holder_self = (uint64_t)(unsigned)tid << OL_HOLDER_SHIFT;
}

/* In the child of a fork: its thread has another id. */
void ol_semaphore_forked(void);

/* Notes the calling thread when `result` is 0; gives `result` back. */
static inline int ol_holder_note(const void *lock, int result)
{
    uint64_t word = (uintptr_t)lock + ol_holder_self;
    if (result == 0)
        memcpy(&ol_holders[(uint16_t)(uintptr_t)lock], &word, sizeof word);
    return result;
}

/* Thread id of the holder, 0 when not known. A thread that waits for a semaphore which it took last
 * waits to be told something by another one, which gives back what it never took. */
static inline int ol_holder_of(const void *lock)
{
    uint64_t word;
    memcpy(&word, &ol_holders[(uint16_t)(uintptr_t)lock], sizeof word);
    if (word == (uintptr_t)lock + ol_holder_self)
        return 0;
    word -= (uintptr_t)lock;
    return word & ((UINT64_C(1) << OL_HOLDER_SHIFT) - 1) ? 0 : (int)(word >> OL_HOLDER_SHIFT);
}

#endif
