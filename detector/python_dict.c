/* CPython's dicts, read without its lock: classes before 3.11, and the globals that a module's code
 * runs in. Called on first hits by python_names.c; contracts in python_inside.h. Nothing here
 * trusts what it reads: another thread may be filling the dict. */
#include <string.h>

#include "python_inside.h"
#include "rawio.h"

enum { DICT_KEYS = 32, MAX_ENTRIES = 2048 };

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

enum { KEYS_GENERAL = 0, KEYS_STR = 1, TABLE_LOG2_MAX = 20 };

/* Where the entries of a dict stand. */
struct entries {
    const char *at;
    int64_t count;
    size_t size; /* of one: the hash where there is one, the key, the value */
};

static bool find_small(const char *keys, struct entries *entries)
{
    struct small_head head;
    if (!ol_raw_peek(keys, &head, sizeof head) || head.kind > KEYS_STR ||
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

static bool find_entries(const void *dict, struct entries *entries)
{
    const char *keys = ol_pyread_pointer(dict, DICT_KEYS);
    bool found = keys && (ol_pyruntime.layout.small_keys ? find_small(keys, entries)
                                                         : find_large(keys, entries));
    return found && entries->count >= 0 && entries->count <= MAX_ENTRIES;
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
