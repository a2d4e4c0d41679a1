/* SPDX-License-Identifier: MIT */
/* Records of calls that return to us. The contract is in back.h. */
#include "back.h"

#include <stddef.h>

#include "../../detector/hash.h"

#define WAYS 16u
#define BEING_MADE UINT32_C(0x80000000)

static struct ol_patch_back backs[OL_PATCH_BACKS] __attribute__((aligned(16)));

_Static_assert(OL_PATCH_BACKS % WAYS == 0, "whole sets");
_Static_assert(offsetof(struct ol_patch_back, frame) == 0, "unwinders read it as a frame record");
_Static_assert(offsetof(struct ol_patch_back, address) == 8, "arch/<cpu>/patch.S reads it there");

static bool is_of(const struct ol_patch_back *back, uintptr_t frame, const void *address)
{
    return back->frame == frame && back->address == address;
}

/* While calls are counted it can't become another place's: so it is looked at once more behind the
 * count. */
static bool join(struct ol_patch_back *back, uintptr_t frame, const void *address)
{
    uint32_t calls = atomic_load(&back->calls);
    if (calls >= BEING_MADE || !is_of(back, frame, address))
        return false;
    if (!atomic_compare_exchange_strong(&back->calls, &calls, calls + 1))
        return false;
    if (is_of(back, frame, address))
        return true;
    ol_patch_back_leave(back);
    return false;
}

static bool make(struct ol_patch_back *back, uintptr_t frame, const void *address)
{
    uint32_t none = 0;
    if (!atomic_compare_exchange_strong(&back->calls, &none, BEING_MADE))
        return false;
    back->frame = frame;
    back->address = address;
    atomic_store(&back->calls, 1);
    return true;
}

/* One of the set after another: a function that returns twice finds its record for a while. */
struct ol_patch_back *ol_patch_back_take(uintptr_t frame, const void *address)
{
    static _Atomic unsigned turn;
    uint64_t hash = ol_hash_mix(ol_hash_mix(OL_HASH_START, frame), (uintptr_t)address);
    struct ol_patch_back *set = &backs[hash % (OL_PATCH_BACKS / WAYS) * WAYS];
    for (unsigned i = 0; i < WAYS; i++)
        if (join(&set[i], frame, address))
            return &set[i];
    unsigned first = atomic_fetch_add_explicit(&turn, 1, memory_order_relaxed);
    for (unsigned i = 0; i < WAYS; i++)
        if (make(&set[(first + i) % WAYS], frame, address))
            return &set[(first + i) % WAYS];
    return NULL;
}

void ol_patch_back_leave(struct ol_patch_back *back)
{
    uint32_t calls = atomic_load(&back->calls);
    while (calls && calls < BEING_MADE &&
           !atomic_compare_exchange_weak(&back->calls, &calls, calls - 1)) {
    }
}
