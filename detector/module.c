/* SPDX-License-Identifier: MIT */
/* Loaded objects, found by address. Called when a stack is put into words; the contract is in
 * module.h. */
#include "module.h"

#include <dlfcn.h>
#include <elf.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "dynamic.h"
#include "hash.h"
#include "rawio.h"

extern __typeof(_dl_find_object) _dl_find_object __attribute__((weak));

static char program[4096];

void ol_module_start(void)
{
    ol_raw_readlink("/proc/self/exe", program, sizeof program - 1);
}

const char *ol_module_program(void)
{
    return program;
}

/* The executable has no name in the loader's list. */
static const char *path_of(const struct link_map *map)
{
    return map->l_name && map->l_name[0] ? map->l_name : program;
}

static int count_unloaded(struct dl_phdr_info *info, size_t size, void *count)
{
    (void)size;
    *(unsigned long long *)count = info->dlpi_subs;
    return 1;
}

static int look_at_name(struct dl_phdr_info *info, size_t size, void *looked_for)
{
    struct ol_module_seen *seen = looked_for;
    (void)size;
    if (info->dlpi_adds == seen->loaded && seen->loaded)
        return 1; /* nothing came since */
    if (strstr(info->dlpi_name, seen->name))
        seen->there = true;
    return 0;
}

static int count_loaded(struct dl_phdr_info *info, size_t size, void *count)
{
    (void)size;
    *(unsigned long long *)count = info->dlpi_adds;
    return 1;
}

bool ol_module_was_loaded(struct ol_module_seen *seen)
{
    unsigned long long loaded = 0;
    if (seen->there)
        return true;
    dl_iterate_phdr(look_at_name, seen);
    dl_iterate_phdr(count_loaded, &loaded);
    seen->loaded = loaded;
    return seen->there;
}

unsigned long long ol_module_unloaded(void)
{
    unsigned long long count = 0;
    dl_iterate_phdr(count_unloaded, &count);
    return count;
}

/* Without _dl_find_object the mapped range is not known: one page is claimed, which is enough to
 * tell modules apart. */
static bool find_by_dladdr(const void *address, struct ol_module *module)
{
    Dl_info info;
    struct link_map *map = NULL;
    if (!dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
        return false;
    *module = (struct ol_module){map, path_of(map), (uintptr_t)info.dli_fbase,
                                 (uintptr_t)address + 1};
    return true;
}

bool ol_module_find(const void *address, struct ol_module *module)
{
    if (!_dl_find_object)
        return find_by_dladdr(address, module);
    struct dl_find_object found;
    union {
        const void *constant;
        void *plain;
    } at = {.constant = address};
    if (_dl_find_object(at.plain, &found) != 0 || !found.dlfo_link_map)
        return false;
    module->map = found.dlfo_link_map;
    module->path = path_of(found.dlfo_link_map);
    module->start = (uintptr_t)found.dlfo_map_start;
    module->end = (uintptr_t)found.dlfo_map_end;
    return true;
}

bool ol_module_is_same(const void *a, const void *b)
{
    struct ol_module of_a, of_b;
    return ol_module_find(a, &of_a) && ol_module_find(b, &of_b) && of_a.map == of_b.map;
}

struct held {
    void (*what)(void *context);
    void *context;
};

static int run_held(struct dl_phdr_info *info, size_t size, void *context)
{
    const struct held *held = context;
    (void)info;
    (void)size;
    held->what(held->context);
    return 1;
}

void ol_module_hold(void (*what)(void *context), void *context)
{
    struct held held = {what, context};
    if (_dl_find_object)
        dl_iterate_phdr(run_held, &held);
    else
        what(context);
}

int ol_module_is_ready(const void *address)
{
    struct ol_module module;
    return _dl_find_object ? ol_module_find(address, &module) : -1;
}

static bool starts(const char *path, const char *folder)
{
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* Shared libraries in the system's folders are somebody else's; programs, and libraries elsewhere,
 * are the user's. */
enum ol_owner_class ol_module_class(const struct ol_module *module)
{
    enum ol_owner_class known;
    if (ol_module_known_class(module->path, &known))
        return known;
    if (!strstr(ol_module_base_name(module->path), ".so"))
        return OL_CODE_user;
    if (strstr(module->path, "/lib-dynload/"))
        return OL_CODE_system;
    bool installed = starts(module->path, "/lib") || starts(module->path, "/usr/lib") ||
                     strstr(module->path, "/site-packages/") ||
                     strstr(module->path, "/dist-packages/") ||
                     strstr(module->path, "/node_modules/");
    return installed ? OL_CODE_library : OL_CODE_user;
}

/* Looks through one PT_NOTE segment. */
static unsigned build_id_in(const char *notes, size_t size, uint8_t id[static 20])
{
    while (size >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)notes;
        size_t name_size = (note->n_namesz + 3u) & ~3u;
        size_t whole = sizeof *note + name_size + ((note->n_descsz + 3u) & ~3u);
        if (whole > size)
            return 0;
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && note->n_descsz <= 20) {
            memcpy(id, notes + sizeof *note + name_size, note->n_descsz);
            return note->n_descsz;
        }
        notes += whole;
        size -= whole;
    }
    return 0;
}

unsigned ol_module_build_id(const struct ol_module *module, uint8_t id[static 20])
{
    const ElfW(Ehdr) *header = (const void *)module->start;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    const ElfW(Phdr) *segment = (const void *)(module->start + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++, segment++) {
        if (segment->p_type != PT_NOTE)
            continue;
        unsigned size = build_id_in((const char *)(module->map->l_addr + segment->p_vaddr),
                                    segment->p_memsz, id);
        if (size)
            return size;
    }
    return 0;
}

/* Which symbol covered an address when it was last asked: node has 75,000, and each of its stacks
 * the same addresses. tag (32 bits) | index + 1, or none of them (32). An index is looked at again,
 * so one that is not true any more is found anew; no slot says anything of code that was unloaded.
 */
#define KNOWN_SLOTS 4096u
#define NONE_COVERS UINT32_MAX

static _Atomic uint64_t answers[KNOWN_SLOTS];

static uint64_t known_key(const struct ol_module *module, const void *address, unsigned type)
{
    uint64_t hash = ol_hash_mix(OL_HASH_START + type, (uintptr_t)address);
    return ol_hash_mix(hash, (uintptr_t)module->map->l_ld);
}

static void remember(uint64_t key, uint32_t answer)
{
    atomic_store_explicit(&answers[key % KNOWN_SLOTS], key >> 32 << 32 | answer,
                          memory_order_relaxed);
}

/* 0: not known. */
static uint32_t recall(uint64_t key)
{
    uint64_t slot = atomic_load_explicit(&answers[key % KNOWN_SLOTS], memory_order_relaxed);
    return slot >> 32 == key >> 32 ? (uint32_t)slot : 0;
}

void ol_module_forget(void)
{
    for (unsigned i = 0; i < KNOWN_SLOTS; i++)
        atomic_store_explicit(&answers[i], 0, memory_order_relaxed);
}

static bool covers(const ElfW(Sym) * symbol, uintptr_t offset, unsigned type)
{
    return ELF64_ST_TYPE(symbol->st_info) == type && symbol->st_shndx != SHN_UNDEF &&
           offset >= symbol->st_value && offset < symbol->st_value + symbol->st_size;
}

/* Tables lie in front of their strings. */
static bool is_in_table(const struct ol_dynamic *tables, uint32_t index)
{
    return (const char *)&tables->symbols[index + 1] <= tables->strings;
}

static const char *covering(const struct ol_module *module, const void *address, unsigned type)
{
    struct ol_dynamic tables;
    if (!ol_dynamic_read(module->map->l_ld, module->map->l_addr, &tables))
        return NULL;
    uintptr_t offset = (uintptr_t)address - module->map->l_addr;
    uint64_t key = known_key(module, address, type);
    uint32_t answer = recall(key);
    if (answer == NONE_COVERS)
        return NULL;
    if (answer && is_in_table(&tables, answer - 1) &&
        covers(&tables.symbols[answer - 1], offset, type))
        return tables.strings + tables.symbols[answer - 1].st_name;
    uint32_t count = ol_dynamic_symbol_count(&tables);
    uint32_t i = 0;
    while (i < count && !covers(&tables.symbols[i], offset, type))
        i++;
    remember(key, i < count ? i + 1 : NONE_COVERS);
    return i < count ? tables.strings + tables.symbols[i].st_name : NULL;
}

const char *ol_module_symbol(const struct ol_module *module, const void *address)
{
    return covering(module, address, STT_FUNC);
}

const char *ol_module_object(const struct ol_module *module, const void *address)
{
    return covering(module, address, STT_OBJECT);
}

bool ol_module_names(const struct ol_module *module, const char *symbol)
{
    struct ol_dynamic tables;
    bool readable = ol_dynamic_read(module->map->l_ld, module->map->l_addr, &tables);
    uint32_t count = readable ? ol_dynamic_symbol_count(&tables) : 0;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(tables.strings + tables.symbols[i].st_name, symbol) == 0)
            return true;
    return false;
}

bool ol_module_symbol_is_standard(const char *symbol)
{
    static const char *const starts[] = {"_ZSt",    "_ZNSt",    "_ZNKSt",   "_ZN9__gnu_cxx",
                                         "_ZN3std", "_ZN4core", "_ZN5alloc"};
    for (size_t i = 0; symbol && i < sizeof starts / sizeof *starts; i++)
        if (strncmp(symbol, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}
