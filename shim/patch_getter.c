/* From an argument to its loop by functions of the library itself, which know where they keep it.
 * The contract is in patch.h. */
#include <errno.h>
#include <stdint.h>

#include "../detector/affinity.h"
#include "patch.h"
#include "real.h"

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
    if (!*known) {
        int saved = errno; /* the loader changes it */
        void *there = ol_real_near_name(slot->function->getters[step], slot->real);
        *known = there ? (getter *)(uintptr_t)there : no_loop;
        errno = saved;
    }
    return *known;
}

const void *ol_patch_follow(const struct ol_patch_slot *slot, const void *object)
{
    for (unsigned step = 0; step < OL_GETTERS && slot->function->getters[step] && object; step++)
        object = find(slot, step)(object);
    return object;
}
