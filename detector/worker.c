/* Loops of workers. Called when a thread becomes a loop; the contract is in worker.h. */
#include "worker.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>

#include "stack.h"

static bool covers(const char *symbol, void *const *frames, unsigned count)
{
    const void *there = dlsym(RTLD_DEFAULT, symbol);
    Dl_info info;
    ElfW(Sym) *entry = NULL;
    if (!dladdr1(there, &info, (void **)&entry, RTLD_DL_SYMENT) || !entry)
        return false;
    for (unsigned i = 0; i < count; i++)
        if ((uintptr_t)frames[i] - (uintptr_t)there - 1 < entry->st_size)
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
        if (!dlsym(RTLD_DEFAULT, functions[i]))
            continue;
        if (!count)
            count = ol_stack_native(frames);
        runs = covers(functions[i], frames, count);
    }
    errno = saved;
    return runs;
}
