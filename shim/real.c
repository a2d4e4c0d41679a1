/* SPDX-License-Identifier: MIT */
/* The real functions. The only file that casts what dlsym returns. The contract is in real.h. */
#include "real.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "../detector/forking.h"
#include "../detector/module.h"
#include "../detector/rawio.h"
#include "../detector/symbol.h"

ol_real_function *_Atomic ol_real_slots[OL_SLOT_COUNT];
__thread struct ol_real_near ol_real_last_near;

static const char *const symbols[OL_SLOT_COUNT] = {
#define ROW(symbol, name, rule, fail) #symbol,
#include "../detector/calls_rows.h"
#undef ROW
#define MARK(symbol) #symbol,
#include "marks.def"
#undef MARK
#define TRIED(symbol) #symbol,
#include "tried.def"
#undef TRIED
};

const char *ol_real_symbol(unsigned slot)
{
    return symbols[slot];
}

/* Symbols of which glibc has several versions, with the one that programs built today use. dlsym
 * alone returns the oldest before glibc 2.36, and does not see the hidden ones (__xstat) at all.
 * x86-64's names; elsewhere plain dlsym serves. */
static const struct {
    const char *symbol;
    const char *version;
} versions[] = {
    {"glob", "GLIBC_2.27"},
    {"glob64", "GLIBC_2.27"},
    {"__xstat", "GLIBC_2.2.5"},
    {"__xstat64", "GLIBC_2.2.5"},
    {"__lxstat", "GLIBC_2.2.5"},
    {"__lxstat64", "GLIBC_2.2.5"},
    {"__fxstatat", "GLIBC_2.4"},
    {"__fxstatat64", "GLIBC_2.4"},
    {"clock_nanosleep", "GLIBC_2.17"},
    {"pthread_cond_wait", "GLIBC_2.3.2"},
    {"pthread_cond_timedwait", "GLIBC_2.3.2"},
    {"posix_spawn", "GLIBC_2.15"},
    {"posix_spawnp", "GLIBC_2.15"},
    {"nftw", "GLIBC_2.3.3"},
    {"nftw64", "GLIBC_2.3.3"},
    {"realpath", "GLIBC_2.3"},
    {"__res_query", "GLIBC_2.2.5"},
    {"__res_search", "GLIBC_2.2.5"},
    {"__res_nquery", "GLIBC_2.2.5"},
    {"__res_nsearch", "GLIBC_2.2.5"},
};

static void *versioned(const char *symbol)
{
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (strcmp(versions[i].symbol, symbol) == 0)
            return dlvsym(RTLD_NEXT, symbol, versions[i].version);
    return NULL;
}

/* Stands in for a function that no library has yet. It is looked for again at each call: before
 * glibc 2.34 many were in libraries of their own, which may be loaded later. */
static long missing(void)
{
    errno = ENOSYS;
    return -1;
}

static ol_real_function *as_function(void *symbol)
{
    union {
        void *object;
        ol_real_function *function;
    } both = {.object = symbol};
    return both.function;
}

bool ol_real_agree(unsigned slot, unsigned other)
{
    return !ol_raw_beside_valgrind &&
           ol_module_is_same((const void *)ol_real_get(slot), (const void *)ol_real_get(other));
}

/* A preloaded library behind us comes first, though its symbols have no versions. */
static void *next(const char *symbol)
{
    void *any = dlsym(RTLD_NEXT, symbol);
    void *exact = versioned(symbol);
    return !any || (exact && ol_module_is_same(any, exact)) ? exact : any;
}

static bool all_looked_for; /* a failure would take the place of the program's own dlerror() */

ol_real_function *ol_real_find(unsigned slot)
{
    struct ol_symbol there;
    bool none = all_looked_for && !ol_symbol_find_behind(&all_looked_for, symbols[slot], &there);
    void *real = none ? NULL : next(symbols[slot]);
    if (!real)
        return (ol_real_function *)missing;
    ol_real_slots[slot] = as_function(real);
    return ol_real_slots[slot];
}

/* The real function behind a wrapper may end in a jump to another one that is wrapped: that one is
 * then called from here, but for whom the wrapper looked for last. Asked ourselves, we would answer
 * with the wrapper. */
static const void *caller_outside(const void *caller)
{
    return ol_module_is_same(caller, ol_real_slots) ? ol_real_last_near.caller : caller;
}

/* Never by our own exports: these would take it for the program's loading and unloading. */
static void *open_loaded(const char *name)
{
    union {
        ol_real_function *any;
        void *(*open)(const char *file, int flags);
    } real = {.any = ol_real_get(OL_SLOT_dlopen)};
    return real.open(name, RTLD_LAZY | RTLD_NOLOAD);
}

static void close_loaded(void *handle)
{
    union {
        ol_real_function *any;
        int (*close)(void *handle);
    } real = {.any = ol_real_get(OL_SLOT_dlclose)};
    real.close(handle);
}

struct definitions {
    const void *one;
    bool several; /* or such as only the loader can tell: an indirect function */
};

static bool note_definition(void *context, const struct ol_symbol_seen *seen)
{
    struct definitions *found = context;
    const void *address = (const void *)(uintptr_t)(seen->object->dlpi_addr +
                                                    seen->symbol->st_value);
    if (seen->hidden || ol_module_is_same(address, ol_real_slots))
        return false;
    found->several |= found->one || ELF64_ST_TYPE(seen->symbol->st_info) != STT_FUNC;
    found->one = address;
    return found->several;
}

/* Without the loader, whose failures would take the place of the program's own dlerror(). */
static struct definitions definitions_of(const char *name)
{
    struct definitions found = {.one = NULL};
    ol_forking_enter();
    ol_symbol_visit(name, note_definition, &found);
    ol_forking_leave();
    return found;
}

/* The executable's own scope contains us, so only other objects are asked through their handle. */
static void *find_near(const char *name, const void *caller)
{
    struct ol_module module;
    if (!ol_module_find(caller, &module) || !module.map->l_name[0])
        return dlsym(RTLD_NEXT, name);
    void *handle = open_loaded(module.map->l_name);
    if (!handle)
        return dlsym(RTLD_NEXT, name);
    void *real = dlsym(handle, name);
    close_loaded(handle);
    return real ? real : dlsym(RTLD_NEXT, name);
}

void *ol_real_near_name(const char *name, const void *caller)
{
    return find_near(name, caller_outside(caller));
}

void *ol_real_near_function(const char *name, const void *caller)
{
    struct definitions found = definitions_of(name);
    return found.several ? ol_real_near_name(name, caller) : (void *)(uintptr_t)found.one;
}

/* The slot alone does not serve: two modules may use two versions of the library. */
ol_real_function *ol_real_near(enum ol_call_id call, const void *caller)
{
    caller = caller_outside(caller);
    void *real = ol_real_near_function(ol_calls[call].symbol, caller);
    if (!real)
        return (ol_real_function *)missing;
    ol_real_last_near = (struct ol_real_near){caller, as_function(real)};
    ol_real_slots[call] = ol_real_last_near.real;
    return ol_real_last_near.real;
}

/* Not by RTLD_NEXT: a preloaded library may make up times. */
static void find_clock(void)
{
    void *libc = open_loaded("libc.so.6");
    void *clock = libc ? dlsym(libc, "clock_gettime") : NULL;
    if (clock)
        ol_raw_use_clock((ol_raw_clock *)as_function(clock));
    if (libc)
        close_loaded(libc);
}

static const bool near_ones[OL_SLOT_COUNT] = {
#define ONE_NEAR(symbol, ...) [OL_SLOT_##symbol] = true,
#include "../detector/calls_symbols.h"
};

bool ol_real_is_near(unsigned slot)
{
    return near_ones[slot];
}

void ol_real_forget_near(void)
{
    for (unsigned slot = 0; slot < OL_SLOT_COUNT; slot++)
        if (near_ones[slot] && ol_real_slots[slot])
            ol_real_slots[slot] = NULL;
}

void ol_real_find_all(void)
{
    ol_raw_look_for_valgrind();
    find_clock();
    for (unsigned slot = 0; slot < OL_SLOT_COUNT; slot++)
        if (!near_ones[slot])
            ol_real_get(slot);
    all_looked_for = true;
}
