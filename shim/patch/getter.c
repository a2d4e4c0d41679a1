/* SPDX-License-Identifier: MIT */
/* From an argument to its loop by functions of the library itself, which know where they keep it.
 * The contract is in patch.h. */
#include <errno.h>
#include <stdint.h>

#include "../../detector/affinity.h"
#include "../real.h"
#include "patch.h"

typedef const void *getter(const void *object);

/* Called where the program itself has the object in hand: they read one field of it, as its own
 * call is about to. Found once for each slot: programs can have two versions of a library. */
static getter *_Atomic found[OL_PATCH_SLOTS][OL_GETTERS];

static const void *no_loop(const void *object)
{
    (void)object;
    return NULL;
}

static getter *find(const struct ol_patch_slot *slot, unsigned step)
{
    getter *_Atomic *known = &found[slot - ol_patch_slots][step];
    getter *there = *known;
    if (there)
        return there;
    int saved = errno; /* the loader changes it */
    void *symbol = ol_real_near_function(slot->function->getters[step], slot->real);
    there = symbol ? (getter *)(uintptr_t)symbol : no_loop;
    *known = there;
    errno = saved;
    return there;
}

const void *ol_patch_follow(const struct ol_patch_slot *slot, const void *object)
{
    for (unsigned step = 0; step < OL_GETTERS && slot->function->getters[step] && object; step++)
        object = find(slot, step)(object);
    return object;
}

void ol_patch_forget_getters(void)
{
    for (unsigned slot = 0; slot < OL_PATCH_SLOTS; slot++)
        for (unsigned step = 0; step < OL_GETTERS; step++)
            if (found[slot][step])
                found[slot][step] = NULL;
}
