/* SPDX-License-Identifier: MIT */
/* Units by address. libdw finds them by .debug_aranges, which clang does
 * not write: then the ranges of all units are looked through, collected once a module. */
#include "symbols_units.h"

struct range {
    Dwarf_Addr start, end;
    Dwarf_Die *unit;
};

struct units {
    struct range *ranges; /* in the pool */
    size_t count;
    Dwarf_Addr bias;
};

static void add_ranges(struct obstack *pool, Dwarf_Die *unit)
{
    Dwarf_Addr base, start, end;
    ptrdiff_t next = 0;
    while ((next = dwarf_ranges(unit, next, &base, &start, &end)) > 0)
        if (start && start < end) { /* 0: of a section that the linker left out */
            struct range range = {start, end, unit};
            obstack_grow(pool, &range, sizeof range);
        }
}

static struct units *collect(Dwfl_Module *module, struct obstack *pool)
{
    struct units *units = ol_pool_array(pool, 1, sizeof *units);
    for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu(module, unit, &units->bias));)
        add_ranges(pool, unit);
    units->count = (size_t)obstack_object_size(pool) / sizeof *units->ranges;
    units->ranges = obstack_finish(pool);
    return units;
}

Dwarf_Die *ol_symbols_unit(Dwfl_Module *module, struct obstack *pool, Dwarf_Addr address,
                           Dwarf_Addr *bias)
{
    void **kept;
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);
    if (unit || !dwfl_module_info(module, &kept, NULL, NULL, NULL, NULL, NULL, NULL))
        return unit;
    if (!*kept)
        *kept = collect(module, pool);
    const struct units *units = *kept;
    *bias = units->bias;
    for (size_t i = 0; i < units->count; i++)
        if (address - units->bias - units->ranges[i].start <
            units->ranges[i].end - units->ranges[i].start)
            return units->ranges[i].unit;
    return NULL;
}
