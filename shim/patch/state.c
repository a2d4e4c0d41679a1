/* SPDX-License-Identifier: MIT */
/* How much of the processor's state there is to keep. The contract is in patch.h. */
#include "patch.h"

#define LEGACY 512u

uint64_t ol_patch_state_size = LEGACY;

#ifdef __x86_64__
#include <cpuid.h>

#define HEADER_END 576u
#define KEPT 0xe7u /* STATE_MASK of patch_x86_64.S */

/* Of XSAVE's standard form: each component has its place. */
void ol_patch_state_start(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return;
    uint64_t size = HEADER_END;
    for (unsigned component = 2; component < 8; component++) {
        if (!(KEPT >> component & 1) || !__get_cpuid_count(0xd, component, &a, &b, &c, &d))
            continue;
        if (a && b + a > size) /* its size, and where it lies */
            size = b + a;
    }
    ol_patch_state_size = size;
}
#else
void ol_patch_state_start(void)
{
}
#endif
