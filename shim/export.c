/* SPDX-License-Identifier: MIT */
/* Wrappers by the names of their symbols. The contract is in export.h. */
#include "export.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../detector/hash.h"

#define INDEX_SLOTS 2048u
_Static_assert(OL_SLOT_COUNT < INDEX_SLOTS / 2, "the index is to be half empty at least");

/* What the linker puts around the section. */
extern const struct ol_export first_export __asm__("__start_ol_exports")
    __attribute__((visibility("hidden")));
extern const struct ol_export last_export __asm__("__stop_ol_exports")
    __attribute__((visibility("hidden")));

static uint16_t by_name[INDEX_SLOTS]; /* number + 1, since every process pays for these pages */

static const struct ol_export *export_at(const uint16_t *place)
{
    return *place ? &first_export + *place - 1 : NULL;
}

/* Where that name stands, or would. */
static uint16_t *place_of(const char *symbol)
{
    uint64_t at = ol_hash_string(OL_HASH_START, symbol);
    uint16_t *place = &by_name[at % INDEX_SLOTS];
    while (*place && strcmp(ol_real_symbol(export_at(place)->slot), symbol) != 0)
        place = &by_name[++at % INDEX_SLOTS];
    return place;
}

void ol_export_start(void)
{
    for (const struct ol_export *one = &first_export; one < &last_export; one++)
        *place_of(ol_real_symbol(one->slot)) = (uint16_t)(one - &first_export + 1);
}

/* Other libraries' functions are looked for through their caller, which a caller by pointer, libffi
 * for one, does not lead to. */
bool ol_export_is(const char *symbol)
{
    const struct ol_export *found = export_at(place_of(symbol));
    return found && !ol_real_is_near(found->slot);
}

void *ol_export_instead(const char *symbol, void *real)
{
    const struct ol_export *found = export_at(place_of(symbol));
    union {
        ol_real_function *function;
        void *object;
    } known = {.function = found ? ol_real_get(found->slot) : NULL};
    return found && real && known.object == real ? (void *)(uintptr_t)found->wrapper : real;
}
