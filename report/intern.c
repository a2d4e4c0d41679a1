/* SPDX-License-Identifier: MIT */
/* Numbers for equal bytes, by open addressing. The contract is in intern.h. */
#include "intern.h"

#include <string.h>
#include <sys/random.h>

#include "detector/hash.h"
#include "pool.h"
#include "say.h"

void ol_intern_begin(struct ol_intern *table, struct obstack *pool)
{
    *table = (struct ol_intern){.pool = pool, .seed = OL_HASH_START};
    /* names come from records: whoever made one must not be able to choose collisions */
    if (getrandom(&table->seed, sizeof table->seed, GRND_NONBLOCK) < 0)
        table->seed ^= (uintptr_t)table;
}

void ol_intern_end(struct ol_intern *table)
{
    free(table->entries);
    free(table->slots);
}

static uint64_t hash_of(const struct ol_intern *table, const unsigned char *bytes, size_t size)
{
    uint64_t hash = ol_hash_mix(table->seed, size), part;
    for (; size >= sizeof part; bytes += sizeof part, size -= sizeof part) {
        memcpy(&part, bytes, sizeof part);
        hash = ol_hash_mix(hash, part);
    }
    part = 0;
    memcpy(&part, bytes, size);
    return ol_hash_mix(ol_hash_mix(hash, part), table->seed);
}

/* The slot of the entry, or the free one where it would be. */
static size_t slot_of(const struct ol_intern *table, const void *bytes, size_t size, uint64_t hash)
{
    size_t slot = hash & (table->room - 1);
    while (table->slots[slot]) {
        const struct ol_intern_entry *entry = &table->entries[table->slots[slot] - 1];
        if (entry->hash == hash && entry->size == size && memcmp(entry->bytes, bytes, size) == 0)
            break;
        slot = (slot + 1) & (table->room - 1);
    }
    return slot;
}

static void grow(struct ol_intern *table)
{
    table->room = table->room ? 2 * table->room : 1024;
    free(table->slots);
    table->slots = ol_say_realloc(NULL, table->room, sizeof *table->slots);
    memset(table->slots, 0, table->room * sizeof *table->slots);
    table->entries = ol_say_realloc(table->entries, table->room, sizeof *table->entries);
    for (size_t i = 0; i < table->count; i++) {
        size_t slot = table->entries[i].hash & (table->room - 1);
        while (table->slots[slot])
            slot = (slot + 1) & (table->room - 1);
        table->slots[slot] = (uint32_t)i + 1;
    }
}

uint32_t ol_intern_add(struct ol_intern *table, const void *bytes, size_t size, bool *added)
{
    if (2 * table->count >= table->room)
        grow(table);
    uint64_t hash = hash_of(table, bytes, size);
    size_t slot = slot_of(table, bytes, size, hash);
    bool is_new = !table->slots[slot];
    if (added)
        *added = is_new;
    if (is_new) {
        table->entries[table->count] = (struct ol_intern_entry){
            ol_pool_copy(table->pool, bytes, size), size, hash};
        table->slots[slot] = (uint32_t)++table->count;
    }
    return table->slots[slot] - 1;
}
