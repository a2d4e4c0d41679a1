/* SPDX-License-Identifier: MIT */
/* How an object uses its slots. The contract is in got.h. */
#include "got.h"

#include <stdint.h>
#include <string.h>

#include "../../arch/arch.h"

#define SLOTS_MAX 65536u
#define CODE_MAX (256u << 20) /* bytes that are looked through; more: not known */

/* A bit for each slot of the object's table, from the first one of a function on. */
static struct {
    bool read;
    uintptr_t first;
    size_t count;
    uint8_t called[SLOTS_MAX / 8];
    uint8_t taken[SLOTS_MAX / 8];
} got;

void ol_patch_got_begin(void)
{
    got.read = false;
}

static void note(uintptr_t address, bool is_call)
{
    size_t offset = address - got.first;
    size_t slot = offset / sizeof(void *);
    if (slot >= got.count || offset % sizeof(void *))
        return;
    uint8_t *bits = is_call ? got.called : got.taken;
    bits[slot / 8] |= (uint8_t)(1u << slot % 8);
}

static void set_range(const struct ol_patch_object *object)
{
    uintptr_t first = UINTPTR_MAX;
    uintptr_t last = 0;
    for (size_t i = 0; i < object->tables.counts[OL_DYNAMIC_OTHERS]; i++) {
        const ElfW(Rela) *relocation = &object->tables.relocations[OL_DYNAMIC_OTHERS][i];
        uintptr_t at = object->base + relocation->r_offset;
        if (ELF64_R_TYPE(relocation->r_info) != OL_ARCH_GLOB_DAT)
            continue;
        first = at < first ? at : first;
        last = at > last ? at : last;
    }
    got.first = first;
    got.count = last < first ? 0 : (last - first) / sizeof(void *) + 1;
}

static void read_uses(const struct ol_patch_object *object)
{
    memset(&got, 0, sizeof got);
    got.read = true;
    set_range(object);
    if (got.count > SLOTS_MAX || object->code_size > CODE_MAX)
        got.count = 0;
    if (got.count)
        ol_arch_look_at_code(object->code, object->code_size, got.first, got.count, note);
}

bool ol_patch_is_only_called(const struct ol_patch_object *object, void *const *slot)
{
    if (!got.read)
        read_uses(object);
    size_t at = ((uintptr_t)slot - got.first) / sizeof(void *);
    return at < got.count && got.called[at / 8] >> at % 8 & 1 && !(got.taken[at / 8] >> at % 8 & 1);
}
