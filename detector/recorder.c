/* SPDX-License-Identifier: MIT */
/* Writing the record: entries, strings, modules. The file itself is made in recorder_file.c,
 * processes are noted in recorder_process.c. */
#include "recorder.h"

#include <string.h>

#include "debug.h"
#include "module.h"
#include "rawio.h"

struct ol_record *ol_recorder;

/* `used` is anybody's: it may say anything. */
int64_t ol_recorder_claim(enum ol_section_id id, uint32_t count)
{
    struct ol_section *section = &ol_recorder->sections[id];
    uint32_t capacity = ol_recorder_sections[id].capacity;
    uint32_t first = atomic_load_explicit(&section->used, memory_order_relaxed);
    while (first <= capacity && count <= capacity - first && ol_recorder_reach(id, first + count))
        if (atomic_compare_exchange_weak(&section->used, &first, first + count))
            return first;
    atomic_fetch_add(&section->lost, count);
    return -1;
}

uint32_t ol_recorder_claim_or_last(enum ol_section_id id)
{
    struct ol_section *section = &ol_recorder->sections[id];
    uint32_t last = ol_recorder_sections[id].capacity - 1;
    uint32_t next = atomic_load_explicit(&section->used, memory_order_relaxed);
    while (next <= last && ol_recorder_reach(id, next + 1))
        if (atomic_compare_exchange_weak(&section->used, &next, next + 1))
            return next;
    return last;
}

bool ol_recorder_has(enum ol_section_id id, uint32_t first, uint32_t count)
{
    uint32_t capacity = ol_recorder_sections[id].capacity;
    return first < capacity && count <= capacity - first && ol_recorder_reach(id, first + count);
}

const char *ol_recorder_string_at(ol_string string)
{
    return (const char *)ol_recorder_entry(OL_SECTION_strings, string);
}

/* Strings lately kept, by hash: a lossy cache, since a miss only costs room. Per process; forked
 * children start with a copy. */
#define STRING_CACHE 4096
static _Atomic uint32_t string_cache[STRING_CACHE];

static uint32_t hash_of(const char *bytes, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

static bool is_kept(ol_string kept, const char *string, size_t length)
{
    const char *there = ol_recorder_string_at(kept);
    return memcmp(there, string, length) == 0 && there[length] == '\0';
}

ol_string ol_recorder_string(const char *string)
{
    if (!string || !string[0] || !ol_recorder)
        return 0;
    size_t length = strnlen(string, OL_STRING_MAX - 1);
    _Atomic uint32_t *cached = &string_cache[hash_of(string, length) % STRING_CACHE];
    ol_string kept = atomic_load(cached);
    uint32_t capacity = ol_recorder_sections[OL_SECTION_strings].capacity;
    if (kept && kept + length < capacity && is_kept(kept, string, length))
        return kept;
    int64_t claimed = ol_recorder_claim(OL_SECTION_strings, (uint32_t)length + 1);
    if (claimed < 0)
        return 0;
    char *there = ol_recorder_entry(OL_SECTION_strings, (uint32_t)claimed);
    memcpy(there, string, length);
    there[length] = '\0';
    atomic_store(cached, (uint32_t)claimed);
    return (ol_string)claimed;
}

/* What was found before there is a record. */
#define PENDING_MAX 16
static struct {
    char what[200];
    const char *why;
} pending[PENDING_MAX];
static _Atomic uint32_t pending_count;

static void keep_pending(const char *what, const char *why)
{
    uint32_t index = atomic_fetch_add(&pending_count, 1);
    if (index >= PENDING_MAX)
        return;
    strncpy(pending[index].what, what, sizeof pending[index].what - 1);
    pending[index].why = why;
}

void ol_recorder_note_pending(void)
{
    uint32_t count = atomic_exchange(&pending_count, PENDING_MAX);
    for (uint32_t i = 0; i < count && i < PENDING_MAX; i++)
        if (pending[i].why)
            ol_recorder_blind_spot(pending[i].what, pending[i].why);
}

static bool is_noted(const char *what, const char *why)
{
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_blind_spots); i++) {
        const struct ol_blind_spot_entry *entry = ol_recorder_entry(OL_SECTION_blind_spots, i);
        if (entry->state == OL_ENTRY_ready &&
            strcmp(ol_recorder_string_at(entry->what), what) == 0 &&
            strcmp(ol_recorder_string_at(entry->why), why) == 0)
            return true;
    }
    return false;
}

void ol_recorder_blind_spot(const char *what, const char *why)
{
    if (!ol_recorder) {
        keep_pending(what, why);
        return;
    }
    int64_t index = is_noted(what, why) ? -1 : ol_recorder_claim(OL_SECTION_blind_spots, 1);
    if (index < 0)
        return;
    ol_debug(record, "a blind spot: %s: %s", what, why);
    struct ol_blind_spot_entry *entry = ol_recorder_entry(OL_SECTION_blind_spots, (uint32_t)index);
    entry->what = ol_recorder_string(what);
    entry->why = ol_recorder_string(why);
    atomic_store(&entry->state, OL_ENTRY_ready);
}

static bool module_known(const struct ol_module *module, uint16_t *index)
{
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_modules); i++) {
        const struct ol_module_entry *entry = ol_recorder_entry(OL_SECTION_modules, i);
        if (entry->state == OL_ENTRY_ready && entry->base == module->map->l_addr &&
            entry->end == module->end &&
            strcmp(ol_recorder_string_at(entry->path), module->path) == 0) {
            *index = (uint16_t)i;
            return true;
        }
    }
    return false;
}

uint16_t ol_recorder_module(const void *address)
{
    struct ol_module module;
    uint16_t known;
    if (!ol_recorder || !ol_module_find(address, &module))
        return OL_NO_INDEX;
    if (module_known(&module, &known))
        return known;
    int64_t index = ol_recorder_claim(OL_SECTION_modules, 1);
    if (index < 0)
        return OL_NO_INDEX;
    struct ol_module_entry *entry = ol_recorder_entry(OL_SECTION_modules, (uint32_t)index);
    entry->path = ol_recorder_string(module.path);
    entry->base = module.map->l_addr;
    entry->end = module.end;
    entry->build_id_size = ol_module_build_id(&module, entry->build_id);
    atomic_store(&entry->state, OL_ENTRY_ready);
    return (uint16_t)index;
}

void ol_recorder_raise(_Atomic uint64_t *highest, uint64_t value)
{
    uint64_t seen = atomic_load_explicit(highest, memory_order_relaxed);
    while (value > seen && !atomic_compare_exchange_weak(highest, &seen, value)) {
    }
}
