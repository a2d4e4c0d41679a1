/* SPDX-License-Identifier: MIT */
/* Functions that rules files name. The contract is in function.h. */
#include "function.h"

#include <stdatomic.h>
#include <string.h>

#include "glob.h"
#include "hash.h"

#define INDEX_SLOTS 4096u

static struct ol_function functions[OL_FUNCTION_MAX];
static unsigned function_count;
static uint16_t by_name[INDEX_SLOTS]; /* index + 1; 0: free */
static uint16_t globs[OL_FUNCTION_GLOBS];
static _Atomic unsigned glob_count;
static const char *safe[OL_FUNCTION_SAFE];
static _Atomic unsigned safe_count;

/* One bit for each three letters that a name begins with: most symbols of a process stop here. */
static uint64_t beginnings[64];

static unsigned beginning_of(const char *name)
{
    unsigned hash = 0;
    for (int i = 0; i < 3 && name[i]; i++)
        hash = hash * 37 + (unsigned char)name[i];
    return hash % (64 * 64);
}

static void note_beginning(const char *name)
{
    if (strcspn(name, "*?[") < 3)
        memset(beginnings, 0xff, sizeof beginnings);
    else
        beginnings[beginning_of(name) / 64] |= UINT64_C(1) << beginning_of(name) % 64;
}

bool ol_function_is_glob(const struct ol_function *function)
{
    return strpbrk(function->name, "*?[") != NULL;
}

static uint16_t *slot_of(const char *name)
{
    uint64_t at = ol_hash_string(OL_HASH_START, name);
    for (;; at++) {
        uint16_t *slot = &by_name[at % INDEX_SLOTS];
        uint16_t there = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
        if (!there || strcmp(functions[there - 1].name, name) == 0)
            return slot;
    }
}

/* A later one wins, but a pack's does not win over a user's. */
static void replace(struct ol_function *known, const struct ol_function *function)
{
    uint8_t learner = known->learner;
    if (known->judged && !known->shipped && function->shipped)
        return;
    *known = *function;
    known->learner = learner;
}

const struct ol_function *ol_function_named(const char *name)
{
    uint16_t slot = *slot_of(name);
    return slot ? &functions[slot - 1] : NULL;
}

bool ol_function_add(const struct ol_function *function)
{
    uint16_t *slot = slot_of(function->name);
    if (*slot) {
        replace(&functions[*slot - 1], function);
        return true;
    }
    bool is_glob = ol_function_is_glob(function);
    if (function_count == OL_FUNCTION_MAX || (is_glob && glob_count == OL_FUNCTION_GLOBS))
        return false;
    functions[function_count] = *function; /* before others can find it */
    if (is_glob) {
        globs[glob_count] = (uint16_t)function_count;
        atomic_store(&glob_count, glob_count + 1);
    }
    function_count++;
    note_beginning(function->name);
    __atomic_store_n(slot, (uint16_t)function_count, __ATOMIC_RELEASE);
    return true;
}

bool ol_function_add_learner(const char *name, uint8_t learner)
{
    const struct ol_function function = {.name = name, .shipped = true, .learner = learner};
    uint16_t slot = *slot_of(name);
    if (slot)
        functions[slot - 1].learner = learner;
    return slot || ol_function_add(&function);
}

bool ol_function_keep_safe(const char *glob)
{
    if (safe_count == OL_FUNCTION_SAFE)
        return false;
    safe[safe_count] = glob;
    atomic_store(&safe_count, safe_count + 1);
    return true;
}

static bool covers(const char *glob, const char *symbol)
{
    return ol_glob_match(glob, strlen(glob), symbol);
}

static bool is_safe(const char *symbol)
{
    for (unsigned i = 0; i < safe_count; i++)
        if (covers(safe[i], symbol))
            return true;
    return false;
}

const struct ol_function *ol_function_find(const char *symbol)
{
    unsigned beginning = beginning_of(symbol);
    if (!(beginnings[beginning / 64] >> beginning % 64 & 1))
        return NULL;
    uint16_t slot = *slot_of(symbol);
    if (slot)
        return &functions[slot - 1];
    for (unsigned i = 0; i < glob_count; i++)
        if (covers(functions[globs[i]].name, symbol))
            return is_safe(symbol) ? NULL : &functions[globs[i]];
    return NULL;
}

unsigned ol_function_count(void)
{
    return function_count;
}

const struct ol_function *ol_function_at(unsigned index)
{
    return &functions[index];
}

void ol_function_reset(void)
{
    function_count = 0;
    glob_count = safe_count = 0;
    memset(by_name, 0, sizeof by_name);
    memset(beginnings, 0, sizeof beginnings);
}
