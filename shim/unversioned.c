/* References without a version go to a function's oldest one (a library that was linked without the
 * C library, or very long ago), which may take other arguments: pthread_cond_wait() of GLIBC_2.2.5
 * knows another pthread_cond_t. So that version of ours goes there, unjudged, by the jumps in
 * unversioned_x86_64.S. */
#ifdef __x86_64__
#include "unversioned.h"

#include <dlfcn.h>
#include <stddef.h>

static const char *const symbols[] = {
#define OLD(symbol) #symbol,
#include "unversioned.def"
#undef OLD
};

#define COUNT (sizeof symbols / sizeof *symbols)

void *ol_unversioned[COUNT] __attribute__((visibility("hidden")));

void ol_unversioned_find(void **slot)
{
    const char *symbol = symbols[slot - ol_unversioned];
    void *real = dlvsym(RTLD_NEXT, symbol, "GLIBC_2.2.5");
    *slot = real ? real : dlsym(RTLD_NEXT, symbol);
}

void ol_unversioned_find_all(void)
{
    for (size_t i = 0; i < COUNT; i++)
        ol_unversioned_find(&ol_unversioned[i]);
}
#endif
