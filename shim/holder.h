/* Who took a semaphore last: CPython's locks are semaphores, which don't know their holder. A lossy
 * table by address, written at each success by whoever took it; two threads may overwrite each
 * other, and then the holder is not known. */
#ifndef OFFLOOP_HOLDER_H
#define OFFLOOP_HOLDER_H

#include <stdatomic.h>
#include <stdint.h>

#include "../detector/loop.h"
#include "../detector/rawio.h"

#define OL_HOLDERS 1024

/* address (upper 48 bits of 64, shifted) and thread id do not fit one word: the address is hashed
 * to 32 bits. */
extern _Atomic uint64_t ol_holders[OL_HOLDERS];

static inline uint32_t ol_holder_tag(const void *lock)
{
    return (uint32_t)((uintptr_t)lock >> 4);
}

/* Notes the calling thread when `result` is 0; gives `result` back. */
static inline int ol_holder_note(const void *lock, int result)
{
    uint32_t tag = ol_holder_tag(lock);
    if (OL_UNLIKELY(!ol_self.tid))
        ol_self.tid = ol_raw_gettid();
    if (result == 0)
        atomic_store_explicit(&ol_holders[tag % OL_HOLDERS],
                              (uint64_t)tag << 32 | (uint32_t)ol_self.tid, memory_order_relaxed);
    return result;
}

/* Thread id of the holder, 0 when not known. */
static inline int ol_holder_of(const void *lock)
{
    uint32_t tag = ol_holder_tag(lock);
    uint64_t word = atomic_load_explicit(&ol_holders[tag % OL_HOLDERS], memory_order_relaxed);
    return word >> 32 == tag ? (int)(uint32_t)word : 0;
}

#endif
