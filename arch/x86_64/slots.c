/* SPDX-License-Identifier: MIT */
/* What code does with the addresses that it takes from slots. The contract is in arch.h. */
#include "../arch.h"

/* Every four bytes that could be a distance from the next instruction: what only looks like one
 * makes us leave a slot alone. `ff 15` is a call, `ff 25` a jump. */
void ol_arch_look_at_code(const uint8_t *code, size_t size, uintptr_t first, size_t count,
                          ol_arch_note *note)
{
    for (size_t i = 2; i + 4 <= size; i++) {
        int32_t distance;
        memcpy(&distance, code + i, sizeof distance);
        uintptr_t address = (uintptr_t)(code + i + 4) + (uintptr_t)(intptr_t)distance;
        if (address - first < count * sizeof(void *))
            note(address, code[i - 2] == 0xff && (code[i - 1] == 0x15 || code[i - 1] == 0x25));
    }
}
