/* SPDX-License-Identifier: MIT */
/* Dynamic sections. The contract is in dynamic.h. */
#include "dynamic.h"

#include <elf.h>

static void note(struct ol_dynamic *dynamic, const ElfW(Dyn) * entry, const void *there)
{
    switch (entry->d_tag) {
    case DT_SYMTAB:
        dynamic->symbols = there;
        break;
    case DT_STRTAB:
        dynamic->strings = there;
        break;
    case DT_STRSZ:
        dynamic->strings_size = entry->d_un.d_val;
        break;
    case DT_GNU_HASH:
        dynamic->gnu_hash = there;
        break;
    case DT_HASH:
        dynamic->hash = there;
        break;
    case DT_VERSYM:
        dynamic->versions = there;
        break;
    case DT_JMPREL:
        dynamic->relocations[OL_DYNAMIC_JUMPS] = there;
        break;
    case DT_PLTRELSZ:
        dynamic->counts[OL_DYNAMIC_JUMPS] = entry->d_un.d_val / sizeof(ElfW(Rela));
        break;
    case DT_RELA:
        dynamic->relocations[OL_DYNAMIC_OTHERS] = there;
        break;
    case DT_RELASZ:
        dynamic->counts[OL_DYNAMIC_OTHERS] = entry->d_un.d_val / sizeof(ElfW(Rela));
        break;
    case DT_SYMBOLIC:
        dynamic->searches_itself = true;
        break;
    case DT_FLAGS:
        dynamic->searches_itself |= (entry->d_un.d_val & DF_SYMBOLIC) != 0;
        break;
    case DT_RPATH:
    case DT_RUNPATH:
        dynamic->has_own_path = true;
        break;
    default:
        break;
    }
}

bool ol_dynamic_read(const ElfW(Dyn) * section, uintptr_t base, struct ol_dynamic *dynamic)
{
    *dynamic = (struct ol_dynamic){0};
    for (const ElfW(Dyn) *entry = section; entry && entry->d_tag != DT_NULL; entry++) {
        /* glibc writes the load address into most dynamic sections, not into read-only ones */
        ElfW(Addr) address = entry->d_un.d_ptr;
        note(dynamic, entry, (const void *)(address < base ? address + base : address));
    }
    return dynamic->symbols && dynamic->strings;
}

/* The highest bucket's chain ends with the last symbol. */
uint32_t ol_dynamic_symbol_count(const struct ol_dynamic *dynamic)
{
    if (dynamic->hash)
        return dynamic->hash[1];
    if (!dynamic->gnu_hash)
        return 0;
    const uint32_t *head = dynamic->gnu_hash;
    uint32_t buckets = head[0];
    uint32_t first = head[1];
    const uint32_t *bucket = head + 4 + head[2] * (sizeof(ElfW(Addr)) / 4);
    uint32_t last = 0;
    for (uint32_t i = 0; i < buckets; i++)
        if (bucket[i] > last)
            last = bucket[i];
    if (last < first)
        return 0;
    const uint32_t *chain = bucket + buckets;
    while (!(chain[last - first] & 1))
        last++;
    return last + 1;
}

/* What is only asked for stands before what the newer hash table has. Of an empty one GNU's linker
 * says 1; it puts the strings right behind the symbols. */
uint32_t ol_dynamic_import_count(const struct ol_dynamic *dynamic)
{
    if (dynamic->gnu_hash && dynamic->gnu_hash[1] > 1)
        return dynamic->gnu_hash[1];
    if (dynamic->hash)
        return dynamic->hash[1];
    uintptr_t start = (uintptr_t)dynamic->symbols;
    uintptr_t end = (uintptr_t)dynamic->strings;
    return end > start ? (uint32_t)((end - start) / sizeof *dynamic->symbols) : 0;
}

const char *ol_dynamic_import(const struct ol_dynamic *dynamic, uint32_t index)
{
    const ElfW(Sym) *symbol = &dynamic->symbols[index];
    bool asked_for = symbol->st_shndx == SHN_UNDEF && symbol->st_name < dynamic->strings_size;
    return asked_for ? dynamic->strings + symbol->st_name : "";
}
