/* SPDX-License-Identifier: MIT */
/* Finds the import slots of all loaded objects that lead to functions of rules files, and makes
 * them lead to stubs. At start, and again when objects have come.
 *
 * Only slots of functions are touched: those of calls (JUMP_SLOT), and addresses that the linker
 * fetched (GLOB_DAT) where the object does nothing with them but call. Never pointers in a
 * program's data: a function's address stays what everybody sees. Slots of lazily bound calls lead
 * into their own object until the first call: what the loader will bind them to is looked up as it
 * will. All of it is done inside of dl_iterate_phdr, since objects come and go behind it.
 *
 * The packs of loops are read when their functions are imported, between two passes.
 *
 * When have objects come? dlopen() must see its caller, so it is jumped to, and nothing of ours
 * runs after it. It notes that it was called; the next dlsym() of the program and the next waits of
 * its loops look whether the loader's count of objects has changed. One thread at a time scans,
 * another one goes on: no lock.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>

#include "../../arch/arch.h"
#include "../../detector/debug.h"
#include "../../detector/forking.h"
#include "../../detector/module.h"
#include "../../detector/pack.h"
#include "../../detector/process.h"
#include "../../detector/recorder.h"
#include "../../detector/ruleset.h"
#include "function.h"
#include "got.h"
#include "object.h"
#include "patch.h"

#define LEFT_MAX 512 /* slots */

struct scan {
    void *const *left[LEFT_MAX]; /* slots of addresses that are not only called */
    unsigned left_count;
    uint32_t packs; /* whose functions are imported, and which are not read yet: a bit each */
    unsigned long long loaded, unloaded;
    unsigned long long settled; /* objects that were there when nobody was in dlopen() */
    bool left_out;              /* another thread's dlopen() is not done with some object */
};

static struct scan scan;
static _Atomic bool scanning;
static unsigned long long seen_loaded, seen_unloaded;
bool ol_patch_wanted;
_Atomic int ol_patch_looks_left;

/* False: another thread scans, or forks. */
static bool may_scan(void)
{
    if (atomic_exchange(&scanning, true))
        return false;
    if (ol_forking_try())
        return true;
    scanning = false;
    return false;
}

static void scan_is_over(void)
{
    ol_forking_leave();
    atomic_store(&scanning, false);
}

/* A function that is neither judged nor tells of loops: the policy ignores its rule. */
static bool is_ignored(const struct ol_function *function)
{
    return !function->learner && !ol_patch_is_judged(function);
}

static const char *name_of(const struct ol_patch_object *object)
{
    return object->path[0] ? ol_module_base_name(object->path) : ol_process.program;
}

static bool write_slot(struct ol_patch_object *object, void **slot, const void *stub)
{
    bool written = stub && ol_patch_object_lift(object, slot);
    if (written)
        __atomic_store_n(slot, (void *)(uintptr_t)stub, __ATOMIC_RELEASE);
    return written;
}

/* What the slot of that symbol is to lead to instead of `real`, or NULL. */
static const void *stub_of(const struct ol_function *function, const char *name, const void *real)
{
    return function ? ol_patch_stub(function, name, real) : ol_patch_dlsym_for(name);
}

/* Functions of a pack that is not read yet: after that, the slot is looked at again. */
static bool waits_for_pack(const struct ol_patch_object *object, const char *name)
{
    int pack = ol_pack_of_symbol(name);
    if (pack < 0 || ol_ruleset_has_pack(pack))
        return false;
    if (!object->is_loop_library)
        scan.packs |= UINT32_C(1) << pack;
    return true;
}

static bool is_left(void *const *slot)
{
    for (unsigned i = 0; i < scan.left_count; i++)
        if (scan.left[i] == slot)
            return true;
    return scan.left_count == LEFT_MAX;
}

/* Once for each slot: the object's whole code is looked through. */
static bool is_only_called(const struct ol_patch_object *object, const struct ol_function *function,
                           void *const *slot)
{
    if (is_left(slot))
        return false;
    if (ol_patch_is_only_called(object, slot))
        return true;
    scan.left[scan.left_count++] = slot;
    if (function && function->judged && !function->shipped)
        ol_recorder_blind_spot(function->name, "an object that calls it looks at its address too: "
                                               "calls from there are not seen");
    return false;
}

/* What is to be known of one import. */
struct import {
    const struct ol_function *function; /* NULL: dlsym() and its like */
    const char *name;
    const ElfW(Sym) * symbol;
    unsigned type;
    void **slot;
};

/* Where the call leads, or will lead when it is bound; NULL: nowhere that we may know of. */
static const void *real_of(const struct ol_patch_object *object, const struct import *import)
{
    const void *there = *import->slot;
    bool own = import->symbol->st_shndx != SHN_UNDEF &&
               (uintptr_t)there == object->base + import->symbol->st_value;
    if (!import->function)
        return own ? NULL : there;
    if (ol_patch_object_has(object, there) && !own && import->type == OL_ARCH_JUMP_SLOT)
        there = ol_patch_bound_to(object, import->name, &own);
    return own && import->function->shipped ? NULL : there;
}

/* In a pointer of its data, in a slot, or as an entry of its own for all others to see. Tables of
 * its own functions, as SQLite has for its extensions, are not for comparing. */
static void note_held(const struct import *import)
{
    if (import->symbol->st_shndx == SHN_UNDEF)
        ol_patch_note_held(import->name);
}

static void patch(struct ol_patch_object *object, const struct import *import)
{
    void *there = *import->slot;
    if (!there || ol_patch_is_stub(there) || there == ol_patch_dlsym_for(import->name))
        return;
    const void *real = real_of(object, import);
    if (!real || !ol_patch_can_stand_before(import->function, import->name, real))
        return;
    if (import->type == OL_ARCH_GLOB_DAT &&
        !is_only_called(object, import->function, import->slot)) {
        note_held(import);
        ol_debug(patch, "%s keeps its own way to %s(): it looks at the address too",
                 name_of(object), import->name);
        return;
    }
    if (write_slot(object, import->slot, stub_of(import->function, import->name, real)))
        ol_debug(patch, "%s calls %s() through the library", name_of(object), import->name);
}

static void look_at_slot(struct ol_patch_object *object, const ElfW(Rela) * relocation)
{
    const ElfW(Sym) *symbol = &object->tables.symbols[ELF64_R_SYM(relocation->r_info)];
    struct import import = {.name = object->tables.strings + symbol->st_name,
                            .symbol = symbol,
                            .type = (unsigned)ELF64_R_TYPE(relocation->r_info),
                            .slot = (void **)(object->base + relocation->r_offset)};
    if (waits_for_pack(object, import.name))
        return;
    import.function = ol_function_find(import.name);
    if (import.function ? is_ignored(import.function) : !ol_patch_dlsym_for(import.name))
        return;
    if (import.type == OL_ARCH_ADDRESS || symbol->st_value)
        note_held(&import);
    if (import.type == OL_ARCH_ADDRESS ||
        (object->is_loop_library && import.function && import.function->shipped))
        return;
    patch(object, &import);
}

static void look_at_table(struct ol_patch_object *object, const ElfW(Rela) * table, size_t count)
{
    for (size_t i = 0; table && i < count; i++) {
        unsigned type = (unsigned)ELF64_R_TYPE(table[i].r_info);
        if (type == OL_ARCH_JUMP_SLOT || type == OL_ARCH_GLOB_DAT || type == OL_ARCH_ADDRESS)
            look_at_slot(object, &table[i]);
    }
}

/* The loader writes to an object until it is done: its slots hold no addresses yet, and their
 * protection is the loader's. */
static bool is_ready(const struct ol_patch_object *object)
{
    int ready = ol_module_is_ready((const void *)object->start);
    return ready < 0 ? scan.loaded == scan.settled : ready;
}

static int look_at_object(struct dl_phdr_info *info, size_t size, void *unused)
{
    struct ol_patch_object object;
    scan.loaded = info->dlpi_adds;
    scan.unloaded = info->dlpi_subs;
    if (!ol_patch_object_read(info, &object))
        return 0;
    if (!is_ready(&object)) {
        scan.left_out = true;
        return 0;
    }
    if (!ol_patch_object_read_tables(&object))
        return 0;
    ol_patch_got_begin();
    for (int i = 0; i < OL_DYNAMIC_RELOCATIONS; i++)
        look_at_table(&object, object.tables.relocations[i], object.tables.counts[i]);
    ol_patch_object_put_back(&object);
    return 0;
}

/* False: none were wanted. */
static bool read_packs(void)
{
    unsigned first = ol_rule_count();
    bool any = scan.packs != 0;
    for (int pack = 0; pack < OL_PACK_COUNT; pack++)
        if (scan.packs >> pack & 1) {
            ol_debug(patch, "the pack %s is read: its functions are imported", ol_packs[pack].name);
            ol_ruleset_read_pack(pack);
        }
    scan.packs = 0;
    ol_policy_extend(&ol_process.policy, first);
    return any;
}

static int read_counts(struct dl_phdr_info *info, size_t size, void *unused)
{
    scan.loaded = info->dlpi_adds;
    scan.unloaded = info->dlpi_subs;
    return 1;
}

/* Waits for those who are in dlopen(), where the loader does not say which objects are ready. */
static void settle(void)
{
    struct ol_module module;
    dl_iterate_phdr(read_counts, NULL);
    scan.settled = scan.loaded;
    if (ol_module_is_ready((const void *)settle) < 0)
        ol_module_find((const void *)settle, &module);
}

static void scan_all(void)
{
    settle();
    if (scan.unloaded != seen_unloaded)
        scan.left_count = 0;
    do {
        scan.left_out = false;
        dl_iterate_phdr(look_at_object, NULL);
        seen_loaded = scan.loaded;
        seen_unloaded = scan.unloaded;
    } while (read_packs());
    if (scan.left_out) {
        seen_loaded = 0;
        ol_patch_expect();
    }
    ol_patch_tell_unblockable();
}

/* Some rule is not ignored, or will not be when its pack is read. */
static bool is_wanted(void)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (ol_process.policy.action[i] != OL_ACTION_ignore)
            return true; /* dlsym() is to give wrappers */
    struct ol_rule_row row = {.kind = OL_KIND_loop_only, .family = OL_FAMILY_loop_api};
    for (int severity = 0; severity < OL_SEVERITY_COUNT; severity++) {
        row.severity = (enum ol_severity)severity;
        if (ol_policy_action_of(&ol_process.policy, &row) != OL_ACTION_ignore)
            return true;
    }
    return false;
}

void ol_patch_start(void)
{
    ol_arch_state_start();
    ol_patch_function_start();
    ol_patch_learn_start();
    ol_patch_wanted = is_wanted();
    if (!ol_patch_wanted)
        return;
    scan_all();
    ol_patch_tell_own();
}

void ol_patch_need_pack(int pack)
{
    if (ol_ruleset_has_pack(pack) || !may_scan())
        return;
    scan.packs |= UINT32_C(1) << pack;
    read_packs();
    scan_is_over();
}

/* Another thread's scan need not be waited for: what it does is what this one would. */
void ol_patch_catch_up(void)
{
    if (atomic_load_explicit(&ol_patch_looks_left, memory_order_relaxed) <= 0 || !may_scan())
        return;
    int saved = errno;
    atomic_fetch_sub(&ol_patch_looks_left, 1);
    dl_iterate_phdr(read_counts, NULL);
    if (scan.loaded != seen_loaded || scan.unloaded != seen_unloaded)
        scan_all();
    errno = saved;
    scan_is_over();
}

void ol_patch_forked(void)
{
    if (!atomic_exchange(&scanning, false))
        return;
    seen_loaded = 0;
    ol_patch_expect();
}
