/* Rule packs that are built into the library. */
#ifndef OFFLOOP_PACK_H
#define OFFLOOP_PACK_H

#include <stdbool.h>

struct ol_pack {
    const char *name; /* "libuv" */
    const char *file; /* "libuv.rules", for complaints */
    const char *text; /* ends with NUL */
    bool always;      /* read without being named */
};

#define OL_PACK(id) OL_PACK_##id
enum ol_pack_id {
#define PACK(id, name, always) OL_PACK(id),
#include "packs.def"
#undef PACK
    OL_PACK_COUNT
};

extern const struct ol_pack ol_packs[OL_PACK_COUNT];

#endif
