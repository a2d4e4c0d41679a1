/* SPDX-License-Identifier: MIT */
/* Rule packs that are built into the library. */
#ifndef OFFLOOP_PACK_H
#define OFFLOOP_PACK_H

#include <stdbool.h>

enum ol_pack_when { OL_PACK_WHEN_always, OL_PACK_WHEN_named, OL_PACK_WHEN_imported };

struct ol_pack {
    const char *name; /* "libuv" */
    const char *file; /* "libuv.rules", for complaints */
    const char *text; /* ends with NUL */
    enum ol_pack_when when;
    const char *prefixes; /* of functions, each followed by a blank */
};

#define OL_PACK(id) OL_PACK_##id
enum ol_pack_id {
#define PACK(id, name, when, prefixes) OL_PACK(id),
#include "packs.def"
#undef PACK
    OL_PACK_COUNT
};

extern const struct ol_pack ol_packs[OL_PACK_COUNT];

/* The pack that is read when a function of that name is imported; -1: none. A few nanoseconds for
 * most names. */
int ol_pack_of_symbol(const char *symbol);

#endif
