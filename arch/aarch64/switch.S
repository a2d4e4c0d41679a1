/* SPDX-License-Identifier: MIT */
/* void ol_arch_switch(void (*function)(void *argument), void *argument, void *top) */
        .text
        .hidden ol_arch_switch
        .globl  ol_arch_switch
        .type   ol_arch_switch, %function
        .balign 16
ol_arch_switch:
        .cfi_startproc
        hint    #34             /* bti c */
        stp     x29, x30, [sp, #-16]!
        .cfi_def_cfa_offset 16
        .cfi_offset x29, -16
        .cfi_offset x30, -8
        mov     x29, sp
        .cfi_def_cfa_register x29
        mov     sp, x2
        mov     x9, x0
        mov     x0, x1
        blr     x9
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        ret
        .cfi_endproc
        .size   ol_arch_switch, . - ol_arch_switch

#include "notes.inc"
