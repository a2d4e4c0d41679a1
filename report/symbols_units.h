/* SPDX-License-Identifier: MIT */
/* Compilation units of a module, by address. */
#ifndef OFFLOOP_SYMBOLS_UNITS_H
#define OFFLOOP_SYMBOLS_UNITS_H

#include <elfutils/libdwfl.h>

#include "pool.h"

/* The unit that an address lies in, or NULL; its own addresses are `*bias` lower. */
Dwarf_Die *ol_symbols_unit(Dwfl_Module *module, struct obstack *pool, Dwarf_Addr address,
                           Dwarf_Addr *bias);

#endif
