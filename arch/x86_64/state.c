/* SPDX-License-Identifier: MIT */
/* How much of the processor's state a stub keeps. The contract is in arch.h. */
#include <cpuid.h>

#include "../arch.h"

#define LEGACY 512u

/* Bytes; LEGACY: no more than x87 and SSE. patch.S reads it. */
extern uint64_t ol_arch_state_size __attribute__((visibility("hidden")));
uint64_t ol_arch_state_size = LEGACY;

#define HEADER_END 576u
#define KEPT 0xe7u /* STATE_MASK of patch.S */

/* Of XSAVE's standard form: each component has its place. */
void ol_arch_state_start(void)
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
    ol_arch_state_size = size;
}
