/* SPDX-License-Identifier: MIT */
/* Sanitizers' interceptors. The contract is in interceptor.h. */
#include "interceptor.h"

#include <string.h>

#include "symbol.h"
#include "tables.h"

static struct {
    struct ol_module module;
    bool there;
    bool in_program;
} runtime;

static bool is_program(const struct ol_module *module)
{
    return !module->map->l_name[0];
}

/* gcc's -static-libasan shows nothing of the runtime but its interceptors and what it asks for. */
static void find_hidden(void)
{
    const void *found = ol_symbol_address("read");
    runtime.there = found && ol_module_find(found, &runtime.module) &&
                    is_program(&runtime.module) &&
                    ol_module_names(&runtime.module, "__sanitizer_symbolize_code");
}

/* What programs call of each runtime; UBSan's intercepts nothing. */
void ol_interceptor_start(void)
{
    static const char *const starts[] = {"__asan_init", "__tsan_init", "__msan_init", "__lsan_init",
                                         "__hwasan_init"};
    for (unsigned i = 0; i < sizeof starts / sizeof *starts && !runtime.there; i++) {
        const void *found = ol_symbol_address(starts[i]);
        runtime.there = found && ol_module_find(found, &runtime.module);
    }
    if (!runtime.there)
        find_hidden();
    runtime.in_program = runtime.there && is_program(&runtime.module);
}

bool ol_interceptor_is_there(void)
{
    return runtime.there;
}

bool ol_interceptor_is(const struct ol_module *module)
{
    return runtime.there && module->map == runtime.module.map;
}

/* By the name that the linker left: that of the function, or the runtime's own for it. */
static bool is_interceptor(const char *symbol)
{
    static const char own[] = "__interceptor_";
    if (strncmp(symbol, own, sizeof own - 1) == 0)
        return true;
    for (unsigned i = 0; i < OL_CALL_COUNT; i++)
        if (strcmp(ol_calls[i].symbol, symbol) == 0)
            return true;
    return false;
}

/* It calls us itself, or through a helper or two that have no name. */
#define DEEPEST 3

unsigned ol_interceptor_frames(void *const *frames, unsigned count)
{
    if (__builtin_expect(!runtime.in_program, 1))
        return 0;
    for (unsigned i = 0; i < count && i < DEEPEST; i++) {
        struct ol_module module;
        const char *address = (const char *)frames[i] - 1;
        if (!ol_module_find(address, &module) || module.map != runtime.module.map)
            return 0;
        const char *symbol = ol_module_symbol(&module, address);
        if (symbol && is_interceptor(symbol))
            return i + 1 < count ? i + 1 : 0;
    }
    return 0;
}
