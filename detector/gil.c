/* CPython's global lock, by the address range of `_PyRuntime`. The contract is in gil.h. */
#include "gil.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

static uintptr_t runtime_start;
static uintptr_t runtime_size;

void ol_gil_find(void)
{
    if (runtime_size)
        return;
    void *runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");
    Dl_info info;
    ElfW(Sym) *symbol = NULL;
    if (!runtime || !dladdr1(runtime, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
        return;
    runtime_start = (uintptr_t)runtime;
    runtime_size = symbol->st_size;
}

bool ol_gil_is(const void *condition)
{
    return (uintptr_t)condition - runtime_start < runtime_size;
}
