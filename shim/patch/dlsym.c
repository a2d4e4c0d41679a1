/* SPDX-License-Identifier: MIT */
/* dlsym() and dlvsym() as patched objects get them: for functions of rules files they give the
 * stub, and for the C library's, asked for by its own handle, the wrapper that a program gets by
 * their plain names: so do foreign function interfaces (ctypes, cffi, JNA, fiddle, koffi). They are
 * not exported: a program that nothing is watched of keeps the real ones. For every other name they
 * jump on, since the real ones look at their return address (RTLD_NEXT, RTLD_DEFAULT). */
#include <dlfcn.h>
#include <string.h>

#include "../../detector/module.h"
#include "../../detector/pack.h"
#include "../../detector/ruleset.h"
#include "../export.h"
#include "../real.h"
#include "function.h"
#include "patch.h"

/* Not inlined, as all that is called from those who jump on: clang jumps on only from a function
 * that has given the address of no variable of its own away. RTLD_NEXT is how one interposer finds
 * the next: it gets the real function. */
static __attribute__((noinline)) const struct ol_function *
judged_function(void *handle, const char *name, const void *caller)
{
    struct ol_module module;
    if (handle == RTLD_NEXT || !name)
        return NULL;
    int pack = ol_pack_of_symbol(name);
    if (pack >= 0) {
        ol_patch_need_pack(pack);
        if (!ol_ruleset_has_pack(pack)) /* another thread reads it, and may have read it in part */
            return NULL;
    }
    const struct ol_function *function = ol_function_find(name);
    if (!function || !ol_module_find(caller, &module))
        return NULL;
    return function->shipped && ol_patch_is_loop_library(module.path) ? NULL : function;
}

/* Who compares addresses has them from dlsym() alike: no stub for a function of which somebody
 * holds the address, nor for the caller's own. */
static bool may_be_compared(const char *name, const void *real, const void *caller)
{
    return ol_patch_is_held(name) || ol_module_is_same(caller, real);
}

static void *stub_for(const struct ol_function *function, const char *name, void *real,
                      const void *caller)
{
    if (!real || ol_patch_is_stub(real) || may_be_compared(name, real, caller) ||
        !ol_patch_can_stand_before(function, name, real))
        return real;
    const void *stub = ol_patch_stub(function, name, real);
    return stub ? (void *)(uintptr_t)stub : real;
}

static __attribute__((noinline)) void *ask(void *handle, const char *name, const char *version)
{
    return version ? dlvsym(handle, name, version) : dlsym(handle, name);
}

/* RTLD_DEFAULT is the caller's scope, which may be more than ours. */
static __attribute__((noinline)) void *find_stub(const struct ol_function *function, void *handle,
                                                 const char *name, const char *version,
                                                 const void *caller)
{
    void *real = ask(handle, name, version);
    if (!real && handle == RTLD_DEFAULT)
        real = ol_real_near_name(name, caller);
    return stub_for(function, name, real, caller);
}

/* By a handle of their own: RTLD_DEFAULT leads to us without our help. */
static __attribute__((noinline)) bool has_wrapper(void *handle, const char *name)
{
    return handle != RTLD_NEXT && handle != RTLD_DEFAULT && name && ol_export_is(name);
}

static __attribute__((noinline)) void *find_wrapper(void *handle, const char *name,
                                                    const char *version)
{
    return ol_export_instead(name, ask(handle, name, version));
}

static void *patched_dlsym(void *handle, const char *name)
{
    ol_patch_catch_up();
    const struct ol_function *function = judged_function(handle, name, __builtin_return_address(0));
    if (function)
        return find_stub(function, handle, name, NULL, __builtin_return_address(0));
    if (has_wrapper(handle, name))
        return find_wrapper(handle, name, NULL);
    return dlsym(handle, name);
}

static void *patched_dlvsym(void *handle, const char *name, const char *version)
{
    ol_patch_catch_up();
    const struct ol_function *function = judged_function(handle, name, __builtin_return_address(0));
    if (function)
        return find_stub(function, handle, name, version, __builtin_return_address(0));
    if (version && has_wrapper(handle, name))
        return find_wrapper(handle, name, version);
    return dlvsym(handle, name, version);
}

const void *ol_patch_dlsym_for(const char *symbol)
{
    if (symbol[0] != 'd' || symbol[1] != 'l')
        return NULL;
    if (strcmp(symbol, "dlsym") == 0)
        return (const void *)patched_dlsym;
    return strcmp(symbol, "dlvsym") == 0 ? (const void *)patched_dlvsym : NULL;
}
