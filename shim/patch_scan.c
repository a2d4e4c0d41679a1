/* Finds the import slots of all loaded objects that lead to functions of rules files, and makes
 * them lead to stubs. At start, and again when objects have come.
 *
 * Only the slots of calls and of addresses that the linker fetched (JUMP_SLOT, GLOB_DAT) are
 * touched, never pointers in a program's data. Slots of lazily bound calls lead into their own
 * object until the first call: those are looked up first, outside of dl_iterate_phdr, since dlsym
 * takes the loader's other lock.
 *
 * The packs of loops are read when their functions are imported, between two passes.
 *
 * When have objects come? dlopen() must see its caller, so it is jumped to, and nothing of ours
 * runs after it. It notes that it was called; the next dlsym() of the program and the next waits of
 * its loops look whether the loader's count of objects has changed. One thread at a time scans,
 * another one goes on: no lock.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>

#include "../detector/forking.h"
#include "../detector/guest.h"
#include "../detector/module.h"
#include "../detector/pack.h"
#include "../detector/ruleset.h"
#include "patch.h"
#include "patch_object.h"
#include "real.h"

#ifdef __x86_64__
#define JUMP_SLOT R_X86_64_JUMP_SLOT
#define GLOB_DAT R_X86_64_GLOB_DAT
#else
#define JUMP_SLOT R_AARCH64_JUMP_SLOT
#define GLOB_DAT R_AARCH64_GLOB_DAT
#endif

#define UNBOUND_MAX 256 /* lazily bound slots in one go; what is more comes in the next */

/* A lazily bound slot, and what it is to lead to. */
struct unbound {
    uintptr_t base; /* of its object, which may be gone meanwhile */
    void **slot;
    void *value;
    const void *stub;
};

struct scan {
    struct unbound unbound[UNBOUND_MAX];
    unsigned unbound_count;
    bool writes;    /* second pass: only what was unbound */
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

static void write_slot(struct ol_patch_object *object, void **slot, const void *stub)
{
    if (stub && ol_patch_object_lift(object, slot))
        __atomic_store_n(slot, (void *)(uintptr_t)stub, __ATOMIC_RELEASE);
}

static void keep_unbound(const struct ol_patch_object *object, void **slot, const char *name)
{
    if (scan.unbound_count == UNBOUND_MAX)
        return;
    scan.unbound[scan.unbound_count++] = (struct unbound){
        .base = object->base, .slot = slot, .value = *slot, .stub = name};
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

static void look_at_slot(struct ol_patch_object *object, const ElfW(Rela) * relocation)
{
    const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(relocation->r_info)];
    const char *name = object->strings + symbol->st_name;
    if (waits_for_pack(object, name))
        return;
    const struct ol_function *function = ol_function_find(name);
    if (function ? is_ignored(function) : !ol_patch_dlsym_for(name))
        return;
    if (object->is_loop_library && function && function->shipped)
        return;
    void **slot = (void **)(object->base + relocation->r_offset);
    if (!*slot || ol_patch_is_stub(*slot) || *slot == ol_patch_dlsym_for(name))
        return;
    bool own = symbol->st_shndx != SHN_UNDEF && (uintptr_t)*slot == object->base + symbol->st_value;
    if (ol_patch_object_has(object, *slot) && !own)
        keep_unbound(object, slot, name);
    else if (!own || (function && !function->shipped))
        write_slot(object, slot, stub_of(function, name, *slot));
}

static void look_at_table(struct ol_patch_object *object, const ElfW(Rela) * table, size_t count)
{
    for (size_t i = 0; table && i < count; i++) {
        unsigned type = (unsigned)ELF64_R_TYPE(table[i].r_info);
        if (type == JUMP_SLOT || type == GLOB_DAT)
            look_at_slot(object, &table[i]);
    }
}

static void write_unbound(struct ol_patch_object *object)
{
    for (unsigned i = 0; i < scan.unbound_count; i++) {
        const struct unbound *unbound = &scan.unbound[i];
        if (unbound->base == object->base && unbound->stub &&
            ol_patch_object_has(object, unbound->slot) && *unbound->slot == unbound->value)
            write_slot(object, unbound->slot, unbound->stub);
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
    if (scan.writes) {
        write_unbound(&object);
    } else {
        look_at_table(&object, object.tables[0], object.counts[0]);
        look_at_table(&object, object.tables[1], object.counts[1]);
    }
    ol_patch_object_put_back(&object);
    return 0;
}

static bool lies_in(const void *address, uintptr_t base)
{
    struct ol_module module;
    return ol_module_find(address, &module) && module.map->l_addr == base;
}

/* The stub of a lazily bound slot, whose name stands in `stub` so far. As the loader would: first
 * what everybody sees, then what its object was linked with. */
static void bind(struct unbound *unbound)
{
    const char *name = unbound->stub;
    const struct ol_function *function = ol_function_find(name);
    const void *real = dlsym(RTLD_DEFAULT, name);
    if (!real)
        real = ol_real_near_name(name, unbound->slot);
    bool own = real && function && function->shipped && lies_in(real, unbound->base);
    unbound->stub = real && !own && !ol_patch_is_stub(real) ? stub_of(function, name, real) : NULL;
}

/* False: none were wanted. */
static bool read_packs(void)
{
    unsigned first = ol_rule_count();
    bool any = scan.packs != 0;
    for (int pack = 0; pack < OL_PACK_COUNT; pack++)
        if (scan.packs >> pack & 1)
            ol_ruleset_read_pack(pack);
    scan.packs = 0;
    ol_policy_extend(&ol_guest.policy, first);
    return any;
}

/* Unbound slots of the first pass: looked up, and written by the second. True: there may be more of
 * them. */
static bool bind_all(void)
{
    bool full = false;
    for (unsigned i = 0; i < scan.unbound_count; i++) {
        bind(&scan.unbound[i]);
        full |= scan.unbound_count == UNBOUND_MAX && scan.unbound[i].stub;
    }
    scan.writes = true;
    if (scan.unbound_count)
        dl_iterate_phdr(look_at_object, NULL);
    return full;
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
    do {
        scan.left_out = false;
        scan.unbound_count = 0;
        scan.writes = false;
        dl_iterate_phdr(look_at_object, NULL);
        seen_loaded = scan.loaded;
        seen_unloaded = scan.unloaded;
    } while (read_packs() || bind_all());
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
        if (ol_guest.policy.action[i] != OL_ACTION_ignore)
            return true; /* dlsym() is to give wrappers */
    struct ol_rule_row row = {.kind = OL_KIND_loop_only, .family = OL_FAMILY_loop_api};
    for (int severity = 0; severity < OL_SEVERITY_COUNT; severity++) {
        row.severity = (enum ol_severity)severity;
        if (ol_policy_action_of(&ol_guest.policy, &row) != OL_ACTION_ignore)
            return true;
    }
    return false;
}

void ol_patch_start(void)
{
    ol_patch_state_start();
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
