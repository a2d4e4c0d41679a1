/* CPython's global lock, by the address range of `_PyRuntime`. The contract is in gil.h. */
#include "gil.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

static uintptr_t runtime_start;
static _Atomic uintptr_t runtime_size; /* stored last; until then no condition is the lock's */

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
    atomic_store_explicit(&runtime_size, symbol->st_size, memory_order_release);
}

bool ol_gil_is(const void *condition)
{
    uintptr_t size = atomic_load_explicit(&runtime_size, memory_order_acquire);
    return (uintptr_t)condition - runtime_start < size;
}
