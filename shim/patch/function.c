/* SPDX-License-Identifier: MIT */
/* What an import slot leads to. The contract is in function.h. */
#include "function.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "../../detector/glob.h"
#include "../../detector/hash.h"
#include "../../detector/recorder.h"
#include "../../detector/symbol.h"

static unsigned first_objects; /* loaded at start: before all others in the order of the search */

static int count(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)info;
    (void)size;
    (void)unused;
    first_objects++;
    return 0;
}

void ol_patch_function_start(void)
{
    dl_iterate_phdr(count, NULL);
}

static bool is_unsafe(const char *name)
{
    static const char *const unsafe[] = {
#define UNSAFE(glob) glob,
#include "unsafe.def"
#undef UNSAFE
    };
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        if (ol_glob_match(unsafe[i], strlen(unsafe[i]), name))
            return true;
    return false;
}

static void tell_unsafe(const struct ol_function *rule)
{
    ol_recorder_blind_spot(rule->name,
                           ol_function_is_glob(rule)
                               ? "functions that return twice or look at who calls them (setjmp, "
                                 "dlsym, ...) are left out"
                               : "this function returns twice or looks at who calls it: its calls "
                                 "are not seen");
}

bool ol_patch_can_stand_before(const struct ol_function *rule, const char *name, const void *real)
{
    if (!rule)
        return true;
    if (rule->judged && !rule->shipped && is_unsafe(name)) {
        tell_unsafe(rule);
        return false;
    }
    return ol_symbol_is_function(name, real);
}

static _Atomic uint64_t held[64]; /* a bit for each name, by its hash */

void ol_patch_note_held(const char *name)
{
    uint64_t hash = ol_hash_string(OL_HASH_START, name);
    held[hash / 64 % 64] |= UINT64_C(1) << hash % 64;
}

bool ol_patch_is_held(const char *name)
{
    uint64_t hash = ol_hash_string(OL_HASH_START, name);
    return held[hash / 64 % 64] >> hash % 64 & 1;
}

/* The definition that the loader will find. */
struct binding {
    const struct ol_patch_object *object;
    unsigned first; /* number of the first object that has it; 0: none yet */
    unsigned definitions;
    const void *address;
    bool own;
};

static bool take(void *context, const struct ol_symbol_seen *seen)
{
    struct binding *binding = context;
    bool is_function = ELF64_ST_TYPE(seen->symbol->st_info) == STT_FUNC;
    if (binding->first && binding->first <= first_objects && seen->number != binding->first)
        return true; /* everybody sees that one first */
    binding->first = binding->first ? binding->first : seen->number;
    binding->definitions += is_function ? 1 : 2; /* what the loader would ask itself is not known */
    binding->address = (const void *)(seen->object->dlpi_addr + seen->symbol->st_value);
    binding->own = seen->object->dlpi_addr == binding->object->base;
    return false;
}

const void *ol_patch_bound_to(const struct ol_patch_object *object, const char *name, bool *own)
{
    struct binding binding = {.object = object};
    ol_symbol_visit(name, take, &binding);
    *own = binding.own;
    return binding.definitions == 1 && !object->tables.searches_itself ? binding.address : NULL;
}
