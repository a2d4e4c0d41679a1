/* SPDX-License-Identifier: MIT */
/* What the dynamic section of a loaded object points to: its symbols, their names and hash tables,
 * its relocations. Plain reading, no lock: the caller sees to it that the object stays.
 */
#ifndef OFFLOOP_DYNAMIC_H
#define OFFLOOP_DYNAMIC_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OL_DYNAMIC_JUMPS, OL_DYNAMIC_OTHERS, OL_DYNAMIC_RELOCATIONS };

struct ol_dynamic {
    const ElfW(Sym) * symbols;
    const char *strings;
    size_t strings_size;
    const uint32_t *gnu_hash; /* NULL: none, as the next two */
    const uint32_t *hash;
    const uint16_t *versions;
    const ElfW(Rela) * relocations[OL_DYNAMIC_RELOCATIONS]; /* DT_JMPREL and DT_RELA */
    size_t counts[OL_DYNAMIC_RELOCATIONS];
    bool searches_itself; /* linked so that it finds its own symbols first */
    bool has_own_path;    /* DT_RPATH or DT_RUNPATH */
};

/* `section` may be NULL; `base` is what was added to the object's addresses. False: it has no
 * symbols. */
bool ol_dynamic_read(const ElfW(Dyn) * section, uintptr_t base, struct ol_dynamic *dynamic);

/* How many symbols there are; 0 when none is defined. */
uint32_t ol_dynamic_symbol_count(const struct ol_dynamic *dynamic);

/* Among how many of the first symbols those are that the object asks for, and the name of one: ""
 * when it is none of these. Functions whose address a program built without -fPIE takes are not
 * among them. */
uint32_t ol_dynamic_import_count(const struct ol_dynamic *dynamic);
const char *ol_dynamic_import(const struct ol_dynamic *dynamic, uint32_t index);

#endif
