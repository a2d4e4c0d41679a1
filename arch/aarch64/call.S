/* SPDX-License-Identifier: MIT */
/* long ol_arch_call(long number, long a, long b, long c, long d, long e, long f) */
        .text
        .hidden ol_arch_call
        .globl  ol_arch_call
        .type   ol_arch_call, %function
        .hidden ol_arch_after_call
        .globl  ol_arch_after_call
        .balign 16
ol_arch_call:
        .cfi_startproc
        hint    #34             /* bti c */
        mov     x8, x0
        mov     x0, x1
        mov     x1, x2
        mov     x2, x3
        mov     x3, x4
        mov     x4, x5
        mov     x5, x6
        svc     #0
ol_arch_after_call:
        ret
        .cfi_endproc
        .size   ol_arch_call, . - ol_arch_call

#include "notes.inc"
