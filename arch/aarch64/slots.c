/* SPDX-License-Identifier: MIT */
/* What code does with the addresses that it takes from slots. The contract is in arch.h. */
#include "../arch.h"

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

static void look_at_page(const uint32_t *code, const uint32_t *end, unsigned base, uintptr_t page,
                         ol_arch_note *note)
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

void ol_arch_look_at_code(const uint8_t *bytes, size_t size, uintptr_t first, size_t count,
                          ol_arch_note *note)
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
        if (page + 4096 * 9 > first && page < first + count * sizeof(void *))
            look_at_page(code + 1, last, bits_of(*code, 0, 5), page, note);
    }
}
