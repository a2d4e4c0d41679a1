/* SPDX-License-Identifier: MIT */
/* void ol_arch_switch(void (*function)(void *argument), void *argument, void *top) */
        .text
        .hidden ol_arch_switch
        .globl  ol_arch_switch
        .type   ol_arch_switch, @function
        .balign 16
ol_arch_switch:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        movq    %rdx, %rsp
        movq    %rdi, %rax
        movq    %rsi, %rdi
        callq   *%rax
        movq    %rbp, %rsp
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        retq
        .cfi_endproc
        .size   ol_arch_switch, . - ol_arch_switch

#include "notes.inc"
