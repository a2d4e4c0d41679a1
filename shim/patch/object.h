/* SPDX-License-Identifier: MIT */
/* A loaded object as the scan of import slots sees it: where it is mapped, its tables, and the
 * protection of what is read-only after relocation. Read anew in each pass, inside of
 * dl_iterate_phdr: no lock, no allocation. */
#ifndef OFFLOOP_PATCH_OBJECT_H
#define OFFLOOP_PATCH_OBJECT_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../detector/dynamic.h"

struct ol_patch_object {
    uintptr_t base;
    uintptr_t start; /* mapped addresses */
    uintptr_t end;
    uintptr_t protected_start; /* read-only after relocation */
    uintptr_t protected_end;
    bool writable; /* lifted for now */
    bool is_loop_library;
    const uint8_t *code; /* the largest part of it */
    size_t code_size;
    const char *path;
    const ElfW(Dyn) * dynamic;
    struct ol_dynamic tables;
};

/* False: nothing to patch there (the kernel's object, ourselves, the loader). The tables are not
 * read yet: the loader may still be at work on them. */
bool ol_patch_object_read(const struct dl_phdr_info *info, struct ol_patch_object *object);

/* False: it has none. */
bool ol_patch_object_read_tables(struct ol_patch_object *object);

/* The protection of relocated sections is lifted once for an object, and put back at its end. */
bool ol_patch_object_lift(struct ol_patch_object *object, const void *slot);
void ol_patch_object_put_back(struct ol_patch_object *object);

static inline bool ol_patch_object_has(const struct ol_patch_object *object, const void *address)
{
    return (uintptr_t)address - object->start < object->end - object->start;
}

#endif
