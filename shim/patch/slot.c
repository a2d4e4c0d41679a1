/* SPDX-License-Identifier: MIT */
/* Which stub stands for which function: a table that only grows. The contract is in patch.h. */
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "../../detector/rawio.h"
#include "../../detector/recorder.h"
#include "patch.h"

struct ol_patch_slot ol_patch_slots[OL_PATCH_SLOTS];
static _Atomic unsigned used;

extern const char ol_patch_stubs[] __attribute__((visibility("hidden")));

static const void *stub_at(unsigned index)
{
    return ol_patch_stubs + (size_t)index * OL_STUB_SIZE;
}

bool ol_patch_is_stub(const void *address)
{
    uintptr_t offset = (uintptr_t)address - (uintptr_t)ol_patch_stubs;
    return offset < OL_PATCH_SLOTS * OL_STUB_SIZE;
}

#define NAMES_SIZE (1u << 18)

static char *names_room(void)
{
    static char *_Atomic room;
    char *there = atomic_load(&room);
    if (there)
        return there;
    char *made = ol_raw_mmap(NAMES_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (made && !atomic_compare_exchange_strong(&room, &there, made))
        ol_raw_munmap(made, NAMES_SIZE);
    return atomic_load(&room);
}

/* A copy for as long as the process lives: the object that has the name may be unloaded. */
static const char *keep(const char *name)
{
    static _Atomic size_t next;
    size_t size = strlen(name) + 1;
    char *room = names_room();
    size_t at = atomic_fetch_add(&next, size);
    return room && at + size <= NAMES_SIZE ? memcpy(room + at, name, size) : NULL;
}

static bool is_slot_of(const struct ol_patch_slot *slot, const struct ol_function *function,
                       const char *name, const void *real)
{
    return atomic_load_explicit(&slot->real, memory_order_acquire) == real &&
           slot->function == function && strcmp(slot->name, name) == 0;
}

static const void *find(const struct ol_function *function, const char *name, const void *real)
{
    unsigned count = atomic_load(&used);
    for (unsigned i = 0; i < count; i++)
        if (is_slot_of(&ol_patch_slots[i], function, name, real))
            return stub_at(i);
    return NULL;
}

/* Two threads that ask for the same at once may get two stubs, which do the same. */
const void *ol_patch_stub(const struct ol_function *function, const char *name, const void *real)
{
    const void *known = find(function, name, real);
    if (known)
        return known;
    const char *kept = ol_function_is_glob(function) ? keep(name) : function->name;
    unsigned index = kept ? atomic_load(&used) : OL_PATCH_SLOTS;
    while (index < OL_PATCH_SLOTS && !atomic_compare_exchange_weak(&used, &index, index + 1)) {
    }
    if (index == OL_PATCH_SLOTS) {
        ol_recorder_blind_spot("functions of rules files",
                               "too many of them are imported: 2048 are watched");
        return NULL;
    }
    struct ol_patch_slot *slot = &ol_patch_slots[index];
    slot->anywhere = function->learner || function->kind == OL_KIND_loop_only;
    slot->plain = function->learner || function->shipped;
    slot->function = function;
    slot->name = kept;
    atomic_store_explicit(&slot->real, real, memory_order_release);
    return stub_at(index);
}

bool ol_patch_has_stub(const struct ol_function *function)
{
    for (unsigned i = 0; i < used; i++)
        if (atomic_load_explicit(&ol_patch_slots[i].real, memory_order_acquire) &&
            ol_patch_slots[i].function == function)
            return true;
    return false;
}
