/* SPDX-License-Identifier: MIT */
/* References without a version go to a function's oldest one (a library that was linked without the
 * C library, or very long ago), which may take other arguments: pthread_cond_wait() of GLIBC_2.2.5
 * knows another pthread_cond_t. So that version of ours goes there, unjudged, by the jumps in
 * arch/<cpu>/unversioned.S; but where a library without versions stands behind us (a sanitizer's),
 * they were bound to its functions, and go the usual way. */
#include "unversioned.h"

#include <dlfcn.h>
#include <stddef.h>

#include "../arch/arch.h"
#include "../detector/module.h"
#include "export.h"
#include "real.h"

static const char *const symbols[] = {
#define OLD(symbol) #symbol,
    OL_ARCH_OLD_SYMBOLS(OLD)};

#define COUNT (sizeof symbols / sizeof *symbols)

void *ol_unversioned[COUNT] __attribute__((visibility("hidden")));

void ol_unversioned_find(void **slot)
{
    const char *symbol = symbols[slot - ol_unversioned];
    void *next = dlsym(RTLD_NEXT, symbol);
    void *oldest = dlvsym(RTLD_NEXT, symbol, OL_ARCH_OLD_VERSION);
    *slot = next && !ol_module_is_same(next, oldest) ? ol_export_instead(symbol, next) : oldest;
}

void ol_unversioned_find_all(void)
{
    for (size_t i = 0; i < COUNT; i++)
        ol_unversioned_find(&ol_unversioned[i]);
}
