/* SPDX-License-Identifier: MIT */
/* In place of the packs that are built in (detector/pack.c): as many, read at the same times, but
 * of a few lines, so that thousands of inputs are tried where the real ones would leave time for
 * dozens. */
#include <stddef.h>

#include "detector/pack.h"

const struct ol_pack ol_packs[OL_PACK_COUNT] = {
#define PACK(id, name, when, prefixes)                                                             \
    [OL_PACK(id)] = {name, name ".rules",                                                          \
                     "blocking " #id "_wait slow if=arg1 fail=-1 \"ask later\"\n"                  \
                     "loop-only " #id "_post loop=arg0+8 fd=64 \"use async\"\n"                    \
                     "loop-only " #id "_stop loop=arg1:" #id "_loop \"use async\"\n"               \
                     "off-loop-only " #id "_join \"not there\"\n"                                  \
                     "blocking python:" #id ":Client.get api=" #id ".get\n"                        \
                     "allow open path=/" #id "/* caller=lib" #id ".so* limit=none\n"               \
                     "severity " #id "_wait warning\n"                                             \
                     "safe " #id "_free \"waits for nobody\"\n",                                   \
                     OL_PACK_WHEN_##when, prefixes},
#include "detector/packs.def"
#undef PACK
};

int ol_pack_of_symbol(const char *symbol)
{
    (void)symbol;
    return -1;
}
