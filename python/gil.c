/* SPDX-License-Identifier: MIT */
/* CPython's global lock, by the address range of `_PyRuntime`. The contract is in gil.h. */
#include "gil.h"

#include <stdatomic.h>
#include <stdint.h>

#include "../detector/symbol.h"

static uintptr_t runtime_start;
static _Atomic uintptr_t runtime_size; /* stored last; until then no condition is the lock's */

void ol_gil_find(void)
{
    if (runtime_size)
        return;
    struct ol_symbol runtime;
    if (!ol_symbol_find("_PyRuntime", &runtime))
        return;
    runtime_start = (uintptr_t)runtime.address;
    atomic_store_explicit(&runtime_size, runtime.size, memory_order_release);
}

bool ol_gil_is(const void *condition)
{
    uintptr_t size = atomic_load_explicit(&runtime_size, memory_order_acquire);
    return (uintptr_t)condition - runtime_start < size;
}
