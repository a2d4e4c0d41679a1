/* SPDX-License-Identifier: MIT */
/* Debug information of one module: what symbols.c asks it for a code address. */
#ifndef OFFLOOP_SYMBOLS_DEBUG_H
#define OFFLOOP_SYMBOLS_DEBUG_H

#include <elfutils/libdwfl.h>

#include "model.h"

/* As ol_symbols_find. */
size_t ol_symbols_debug_find(Dwfl_Module *module, struct obstack *pool, uint64_t address,
                             struct ol_frame *frames, size_t most);

#endif
