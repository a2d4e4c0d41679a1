/* SPDX-License-Identifier: MIT */
/* Native addresses in words: function, file and line, inlined callers too, by elfutils.
 *
 * A module is looked for below the sysroot, at its path, and as a separate debug file of its
 * build-id. Debug information is looked for in the module itself and where debuggers look for it
 * (build-id, .gnu_debuglink), never on the network. Without any, the symbol tables name the
 * function; without those, nothing is known. A module on disk with another build-id than the
 * recorded one is not used. Names of C++ and Rust are demangled, without their parameters. */
#ifndef OFFLOOP_SYMBOLS_H
#define OFFLOOP_SYMBOLS_H

#include "model.h"

struct ol_symbols; /* all modules that were opened so far */
struct ol_symbols_module;

/* Strings that are found live in `pool`, also after ol_symbols_end. `lookup` may be NULL. */
struct ol_symbols *ol_symbols_begin(struct obstack *pool, const struct ol_lookup *lookup);
void ol_symbols_end(struct ol_symbols *symbols);

/* The module of that path and build-id (`size` 0: not known, then the file is trusted). Never NULL;
 * the same one when asked again. Lives as long as `symbols`. */
struct ol_symbols_module *ol_symbols_open(struct ol_symbols *symbols, const char *path,
                                          const uint8_t *build_id, size_t size);

/* Why nothing can be found in the module, or NULL. Static. */
const char *ol_symbols_trouble(const struct ol_symbols_module *module);

/* Fills function, file, line and inlined of at most `most` frames for the code at `address` (as in
 * the file), innermost first; nothing else of them is touched. Returns how many; 0: nothing is
 * known. */
size_t ol_symbols_find(struct ol_symbols_module *module, uint64_t address, struct ol_frame *frames,
                       size_t most);

#endif
