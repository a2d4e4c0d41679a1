/* SPDX-License-Identifier: MIT */
/* Rules by number. The contract is in rule.h. */
#include "rule.h"

#include <stdatomic.h>
#include <string.h>

#include "hash.h"

#define INDEX_SLOTS 4096u /* twice the rules there can be, and a power of two */

static struct ol_rule_row added[OL_RULE_MAX - OL_RULE_COUNT];
static _Atomic unsigned added_count;
static uint16_t by_name[INDEX_SLOTS]; /* number + 1; 0: free */

unsigned ol_rule_count(void)
{
    return OL_RULE_COUNT + added_count;
}

const struct ol_rule_row *ol_rule_row(unsigned rule)
{
    return rule < OL_RULE_COUNT ? &ol_rules[rule] : &added[rule - OL_RULE_COUNT];
}

/* The slot of that name: its own, or the free one where it would go. */
static uint16_t *slot_of(const char *name)
{
    uint64_t at = ol_hash_string(OL_HASH_START, name);
    for (;; at++) {
        uint16_t *slot = &by_name[at % INDEX_SLOTS];
        uint16_t there = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
        if (!there || strcmp(ol_rule_row(there - 1u)->name, name) == 0)
            return slot;
    }
}

int ol_rule_named(const char *name)
{
    if (!*slot_of(ol_rules[0].name))
        for (unsigned i = 0; i < OL_RULE_COUNT; i++)
            *slot_of(ol_rules[i].name) = (uint16_t)(i + 1);
    return *slot_of(name) - 1;
}

int ol_rule_add(const struct ol_rule_row *row)
{
    int known = ol_rule_named(row->name);
    if (known >= 0)
        return known;
    if (ol_rule_count() == OL_RULE_MAX)
        return -1;
    added[added_count] = *row; /* before others can find it */
    atomic_store(&added_count, added_count + 1);
    __atomic_store_n(slot_of(row->name), (uint16_t)ol_rule_count(), __ATOMIC_RELEASE);
    return (int)ol_rule_count() - 1;
}

void ol_rule_clear(void)
{
    added_count = 0;
    memset(by_name, 0, sizeof by_name);
}
