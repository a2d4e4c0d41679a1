/* SPDX-License-Identifier: MIT */
/* Loops of workers. Called when a thread becomes a loop; the contract is in worker.h. */
#include "worker.h"

#include <errno.h>
#include <stdint.h>

#include "stack.h"
#include "symbol.h"

static bool covers(const struct ol_symbol *function, void *const *frames, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if ((uintptr_t)frames[i] - (uintptr_t)function->address - 1 < function->size)
            return true;
    return false;
}

bool ol_worker_runs(void)
{
    static const char *const functions[] = {
#define WORKER_FUNCTION(symbol) symbol,
#include "worker_functions.def"
#undef WORKER_FUNCTION
    };
    int saved = errno;
    void *frames[OL_STACK_MAX];
    unsigned count = 0;
    bool runs = false;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && !runs; i++) {
        struct ol_symbol function;
        if (!ol_symbol_find(functions[i], &function))
            continue;
        if (!count)
            count = ol_stack_native_once(frames);
        runs = covers(&function, frames, count);
    }
    errno = saved;
    return runs;
}
