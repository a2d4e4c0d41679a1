/* SPDX-License-Identifier: MIT */
/* CPython's dicts, read without its lock: classes before 3.11, and the globals that a module's code
 * runs in. Called on first hits by names.c; contracts in inside.h. Nothing here
 * trusts what it reads: another thread may be filling the dict. */
#include <string.h>

#include "../detector/rawio.h"
#include "inside.h"

enum { DICT_KEYS = 32, DICT_VALUES = 40, MAX_ENTRIES = 2048 };

/* A dict's keys object up to 3.10: its head, an index table of `slots` numbers, then the entries.
 */
struct keys_head {
    int64_t references;
    int64_t slots;
    const void *lookup;
    int64_t usable;
    int64_t entries;
};

/* 3.11 on; entries of keys that are all str have no hash. */
struct small_head {
    int64_t references;
    uint8_t slots_log2, table_log2, kind, lock;
    uint32_t version;
    int64_t usable;
    int64_t entries;
};

enum { KEYS_GENERAL = 0, KEYS_SHARED = 2, TABLE_LOG2_MAX = 20 };

/* Where the entries of a dict stand. */
struct entries {
    const char *at;
    int64_t count;
    size_t size; /* of one: the hash where there is one, the key, the value */
};

static bool find_small(const char *keys, struct entries *entries)
{
    struct small_head head;
    if (!ol_raw_peek(keys, &head, sizeof head) || head.kind > KEYS_SHARED ||
        head.table_log2 > TABLE_LOG2_MAX)
        return false;
    *entries = (struct entries){.at = keys + sizeof head + (UINT64_C(1) << head.table_log2),
                                .count = head.entries,
                                .size = head.kind == KEYS_GENERAL ? 24 : 16};
    return true;
}

static bool find_large(const char *keys, struct entries *entries)
{
    struct keys_head head;
    if (!ol_raw_peek(keys, &head, sizeof head) || head.slots < 0)
        return false;
    int64_t width = head.slots <= 0xff ? 1 : head.slots <= 0xffff ? 2 : 4;
    *entries = (struct entries){
        .at = keys + sizeof head + head.slots * width, .count = head.entries, .size = 24};
    return true;
}

static bool find_in_keys(const char *keys, struct entries *entries)
{
    bool found = keys && (ol_pyruntime.layout.small_keys ? find_small(keys, entries)
                                                         : find_large(keys, entries));
    return found && entries->count >= 0 && entries->count <= MAX_ENTRIES;
}

static bool find_entries(const void *dict, struct entries *entries)
{
    return find_in_keys(ol_pyread_pointer(dict, DICT_KEYS), entries);
}

struct entry {
    const void *key;
    const void *value;
};

static bool read_entry(const struct entries *entries, int64_t index, struct entry *entry)
{
    const char *end = entries->at + (size_t)(index + 1) * entries->size;
    return ol_raw_peek(end - sizeof *entry, entry, sizeof *entry);
}

const void *ol_pydict_attribute(const void *dict, const void *name)
{
    struct entries entries;
    struct entry entry;
    if (!find_entries(dict, &entries))
        return NULL;
    for (int64_t i = 0; i < entries.count && read_entry(&entries, i, &entry); i++)
        if (entry.key == name)
            return entry.value;
    return NULL;
}

/* Among the first: the interpreter puts a module's name there before its code runs. */
enum { FIRST_FEW = 8 };

bool ol_pydict_module_name(const void *globals, char *name, size_t size)
{
    struct entries entries;
    struct entry entry;
    char key[16];
    if (!find_entries(globals, &entries))
        return false;
    for (int64_t i = 0; i < entries.count && i < FIRST_FEW; i++)
        if (read_entry(&entries, i, &entry) && ol_pyread_str(entry.key, key, sizeof key) &&
            strcmp(key, "__name__") == 0)
            return ol_pyread_str(entry.value, name, size);
    return false;
}

/* --- instances --- */

enum { HAS_DICT_BEFORE = 1 << 4 }; /* in tp_flags */

struct attributes {
    struct entries entries;
    const char *values; /* one for each entry; NULL: they are in the entries */
};

/* Values begin with four bytes about them from 3.13 on. */
static const char *first_value(const void *values)
{
    size_t head = ol_pyruntime.layout.attributes == OL_PYATTRIBUTES_INSIDE ? sizeof(void *) : 0;
    return values ? (const char *)values + head : NULL;
}

static bool find_in_dict(const void *dict, struct attributes *found)
{
    found->values = first_value(ol_pyread_pointer(dict, DICT_VALUES));
    return find_entries(dict, &found->entries);
}

/* Values without a dict; NULL when there are none. */
static const char *own_values(const char *object, const void **dict)
{
    uintptr_t marked;
    *dict = ol_pyread_pointer(object, (size_t)-24);
    switch ((enum ol_pyattributes)ol_pyruntime.layout.attributes) {
    case OL_PYATTRIBUTES_AWAY:
        return ol_pyread_pointer(object, (size_t)-32);
    case OL_PYATTRIBUTES_MARKED:
        marked = (uintptr_t)*dict;
        return marked & 1 ? (const char *)(marked + 1) : NULL;
    case OL_PYATTRIBUTES_INSIDE:
        return *dict ? NULL : first_value(object + OL_PYOBJECT_SIZE);
    default:
        return NULL;
    }
}

static bool find_attributes(const char *object, struct attributes *found)
{
    const void *type = ol_pyread_pointer(object, OL_PYOBJECT_TYPE);
    uint32_t flags = ol_pyread_word(type, OL_PYTYPE_FLAGS);
    const void *dict;
    if (!ol_pyruntime.layout.type_keys) {
        int32_t offset = (int32_t)ol_pyread_word(type, OL_PYTYPE_DICT_OFFSET);
        return offset > 0 && find_in_dict(ol_pyread_pointer(object, (size_t)offset), found);
    }
    if (!(flags & HAS_DICT_BEFORE))
        return false;
    found->values = own_values(object, &dict);
    if (!found->values)
        return find_in_dict(dict, found);
    return find_in_keys(ol_pyread_pointer(type, ol_pyruntime.layout.type_keys), &found->entries);
}

/* Whether the attribute at that index has a value: those that were deleted have none. */
static bool has_value(const struct attributes *attributes, int64_t index, const struct entry *entry)
{
    return attributes->values
               ? ol_pyread_pointer(attributes->values, (size_t)index * sizeof(void *)) != NULL
               : entry->value != NULL;
}

bool ol_pydict_lacks(const void *object, const char *known, const char *name)
{
    struct attributes attributes;
    struct entry entry;
    char key[32];
    bool knows = false;
    if (!object || !find_attributes(object, &attributes))
        return false;
    for (int64_t i = 0; i < attributes.entries.count; i++) {
        if (!read_entry(&attributes.entries, i, &entry))
            return false;
        if (!ol_pyread_str(entry.key, key, sizeof key) || !has_value(&attributes, i, &entry))
            continue;
        if (strcmp(key, name) == 0)
            return false;
        knows |= strcmp(key, known) == 0;
    }
    return knows;
}
