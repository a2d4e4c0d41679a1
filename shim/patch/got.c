/* SPDX-License-Identifier: MIT */
/* How an object uses its slots. The contract is in got.h. */
#include "got.h"

#include <stdint.h>
#include <string.h>

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

#ifdef __x86_64__
/* Every four bytes that could be a distance from the next instruction: what only looks like one
 * makes us leave a slot alone. `ff 15` is a call, `ff 25` a jump. */
static void look_at_code(const uint8_t *code, size_t size)
{
    for (size_t i = 2; i + 4 <= size; i++) {
        int32_t distance;
        memcpy(&distance, code + i, sizeof distance);
        uintptr_t address = (uintptr_t)(code + i + 4) + (uintptr_t)(intptr_t)distance;
        if (address - got.first < got.count * sizeof(void *))
            note(address, code[i - 2] == 0xff && (code[i - 1] == 0x15 || code[i - 1] == 0x25));
    }
}
#else
#define LOOKED_AHEAD 32u

static unsigned bits_of(uint32_t instruction, unsigned from, unsigned count)
{
    return instruction >> from & ((1u << count) - 1);
}

/* `blr` or `br` by that register, before anything else that names it. */
static bool is_called_next(const uint32_t *code, const uint32_t *end, unsigned target)
{
    for (; code < end; code++) {
        bool branches = (*code & 0xffdffc1f) == 0xd61f0000;
        if (branches && bits_of(*code, 5, 5) == target)
            return true;
        if (bits_of(*code, 0, 5) == target || bits_of(*code, 5, 5) == target ||
            bits_of(*code, 10, 5) == target || bits_of(*code, 16, 5) == target)
            return false;
    }
    return false;
}

static void look_at_page(const uint32_t *code, const uint32_t *end, unsigned base, uintptr_t page)
{
    for (const uint32_t *next = code; next < end; next++) {
        unsigned target = bits_of(*next, 0, 5);
        if ((*next & 0xffc00000) != 0xf9400000 || bits_of(*next, 5, 5) != base)
            continue; /* no `ldr x, [base, #offset]` */
        const uint32_t *last = end - next > LOOKED_AHEAD ? next + LOOKED_AHEAD : end;
        note(page + bits_of(*next, 10, 12) * 8, is_called_next(next + 1, last, target));
        if (target == base)
            return;
    }
}

static void look_at_code(const uint8_t *bytes, size_t size)
{
    const uint32_t *code = (const void *)bytes;
    const uint32_t *end = code + size / 4;
    for (; code < end; code++) {
        if ((*code & 0x9f000000) != 0x90000000) /* adrp */
            continue;
        int64_t pages = (int64_t)(((uint64_t)bits_of(*code, 5, 19) << 2 | bits_of(*code, 29, 2))
                                  << 43) >>
                        43;
        uintptr_t page = ((uintptr_t)code & ~UINT64_C(4095)) + (uintptr_t)(pages * 4096);
        const uint32_t *last = end - code > LOOKED_AHEAD ? code + LOOKED_AHEAD : end;
        if (page + 4096 * 9 > got.first && page < got.first + got.count * sizeof(void *))
            look_at_page(code + 1, last, bits_of(*code, 0, 5), page);
    }
}
#endif

static void set_range(const struct ol_patch_object *object)
{
    uintptr_t first = UINTPTR_MAX;
    uintptr_t last = 0;
    for (size_t i = 0; i < object->tables.counts[OL_DYNAMIC_OTHERS]; i++) {
        const ElfW(Rela) *relocation = &object->tables.relocations[OL_DYNAMIC_OTHERS][i];
        uintptr_t at = object->base + relocation->r_offset;
        if (ELF64_R_TYPE(relocation->r_info) != OL_PATCH_GLOB_DAT)
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
        look_at_code(object->code, object->code_size);
}

bool ol_patch_is_only_called(const struct ol_patch_object *object, void *const *slot)
{
    if (!got.read)
        read_uses(object);
    size_t at = ((uintptr_t)slot - got.first) / sizeof(void *);
    return at < got.count && got.called[at / 8] >> at % 8 & 1 && !(got.taken[at / 8] >> at % 8 & 1);
}
