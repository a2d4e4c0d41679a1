/* SPDX-License-Identifier: MIT */
/* Dynamic symbols by name. Called when a thread becomes a loop; the contract is in symbol.h. */
#include "symbol.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "dynamic.h"
#include "forking.h"
#include "module.h"

/* What is looked for, by both kinds of hash. */
struct search {
    const char *name;
    uint32_t gnu_hash;
    uint32_t hash;
    const void *behind; /* an address in the object that is passed over, with all before it */
    uintptr_t base;     /* of the object that is looked at */
    struct ol_symbol found;
    ol_symbol_visitor *visit; /* NULL: the first default version is what is looked for */
    void *context;
    struct ol_symbol_seen seen;
};

static uint32_t gnu_hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 0;
    for (; *name; name++) {
        hash = (hash << 4) + (unsigned char)*name;
        hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
    }
    return hash;
}

/* A definition by that name, in its default version. */
static bool take(struct search *search, const struct ol_dynamic *tables, uint32_t index)
{
    enum { HIDDEN = 0x8000 };
    const ElfW(Sym) *symbol = &tables->symbols[index];
    bool hidden = tables->versions && tables->versions[index] & HIDDEN;
    if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) == STT_TLS ||
        strcmp(tables->strings + symbol->st_name, search->name) != 0)
        return false;
    if (search->visit) {
        search->seen.symbol = symbol;
        search->seen.hidden = hidden;
        return search->visit(search->context, &search->seen);
    }
    if (hidden)
        return false;
    search->found = (struct ol_symbol){(const void *)(search->base + symbol->st_value),
                                       (size_t)symbol->st_size};
    return true;
}

static bool find_by_gnu_hash(struct search *search, const struct ol_dynamic *tables)
{
    enum { WORD_BITS = 8 * sizeof(ElfW(Addr)) };
    const uint32_t *head = tables->gnu_hash;
    uint32_t buckets = head[0], first = head[1], words = head[2], shift = head[3];
    const ElfW(Addr) *bloom = (const void *)(head + 4);
    const uint32_t *bucket = (const void *)(bloom + words);
    const uint32_t *chain = bucket + buckets;
    uint32_t hash = search->gnu_hash;
    if (!buckets || !words)
        return false;
    ElfW(Addr) word = bloom[hash / WORD_BITS % words];
    if (!(word >> hash % WORD_BITS & word >> (hash >> shift) % WORD_BITS & 1))
        return false;
    uint32_t index = bucket[hash % buckets];
    for (; index >= first && index; index++) {
        uint32_t there = chain[index - first];
        if ((there | 1) == (hash | 1) && take(search, tables, index))
            return true;
        if (there & 1)
            break;
    }
    return false;
}

static bool find_by_hash(struct search *search, const struct ol_dynamic *tables)
{
    uint32_t buckets = tables->hash[0];
    const uint32_t *bucket = tables->hash + 2;
    const uint32_t *chain = bucket + buckets;
    for (uint32_t i = buckets ? bucket[search->hash % buckets] : 0; i; i = chain[i])
        if (take(search, tables, i))
            return true;
    return false;
}

/* Where the object has its dynamic section, or NULL; `*holds`: the address lies in it. */
static const ElfW(Dyn) *
    look_through(const struct dl_phdr_info *info, const void *address, bool *holds)
{
    const ElfW(Dyn) *dynamic = NULL;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const void *)start;
        else if (segment->p_type == PT_LOAD)
            *holds |= (uintptr_t)address - start < segment->p_memsz;
    }
    return dynamic;
}

static bool find_in(struct search *search, const struct ol_dynamic *tables)
{
    bool found = tables->gnu_hash ? find_by_gnu_hash(search, tables)
                                  : tables->hash && find_by_hash(search, tables);
    return found && (search->visit || ol_module_is_ready(search->found.address) != 0);
}

/* It stands among the objects, and in nobody's scope. */
static bool is_the_kernels(const struct dl_phdr_info *info)
{
    return info->dlpi_addr && info->dlpi_addr == getauxval(AT_SYSINFO_EHDR);
}

static int look_at_object(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;
    struct ol_dynamic tables;
    bool holds = false;
    (void)size;
    const ElfW(Dyn) *dynamic = look_through(info, search->behind, &holds);
    if (search->behind) {
        if (holds)
            search->behind = NULL;
        return 0;
    }
    search->seen.object = info;
    search->seen.number++;
    if (is_the_kernels(info))
        return 0;
    search->base = info->dlpi_addr;
    return ol_dynamic_read(dynamic, info->dlpi_addr, &tables) && find_in(search, &tables);
}

bool ol_symbol_find_behind(const void *address, const char *name, struct ol_symbol *symbol)
{
    struct search search = {
        .name = name, .gnu_hash = gnu_hash_of(name), .hash = hash_of(name), .behind = address};
    ol_forking_enter();
    bool found = dl_iterate_phdr(look_at_object, &search);
    ol_forking_leave();
    *symbol = search.found;
    return found;
}

bool ol_symbol_find(const char *name, struct ol_symbol *symbol)
{
    return ol_symbol_find_behind(NULL, name, symbol);
}

void *ol_symbol_address(const char *name)
{
    struct ol_symbol symbol;
    return ol_symbol_find(name, &symbol) ? (void *)(uintptr_t)symbol.address : NULL;
}

void ol_symbol_visit(const char *name, ol_symbol_visitor *visit, void *context)
{
    struct search search = {.name = name,
                            .gnu_hash = gnu_hash_of(name),
                            .hash = hash_of(name),
                            .visit = visit,
                            .context = context};
    dl_iterate_phdr(look_at_object, &search);
}

struct place {
    const void *address;
    bool is_function;
};

static bool is_there(void *context, const struct ol_symbol_seen *seen)
{
    enum { VARIANT_CALL = 0x80 }; /* STO_AARCH64_VARIANT_PCS */
    struct place *place = context;
    unsigned type = ELF64_ST_TYPE(seen->symbol->st_info);
    uintptr_t address = seen->object->dlpi_addr + seen->symbol->st_value;
    bool holds = false;
    if (type == STT_GNU_IFUNC)
        look_through(seen->object, place->address, &holds);
    else
        holds = type == STT_FUNC && address == (uintptr_t)place->address;
    place->is_function = holds && !(seen->symbol->st_other & VARIANT_CALL);
    return holds;
}

bool ol_symbol_is_function(const char *name, const void *address)
{
    struct place place = {.address = address};
    ol_symbol_visit(name, is_there, &place);
    return place.is_function;
}
