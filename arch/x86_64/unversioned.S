/* SPDX-License-Identifier: MIT */
/* The old versions of functions that we export: each is a jump to the C library's. */
#include "machine.h"

        .text

        /* r11: the slot. No argument is touched. */
        .type   go_on, @function
        .balign 16
go_on:
        .cfi_startproc
        cmpq    $0, (%r11)
        je      1f
        jmp     *(%r11)
1:
        .irp    register, rdi, rsi, rdx, rcx, r8, r9, r11
        pushq   %\register
        .cfi_adjust_cfa_offset 8
        .endr
        movq    %r11, %rdi
        call    ol_unversioned_find
        .irp    register, r11, r9, r8, rcx, rdx, rsi, rdi
        popq    %\register
        .cfi_adjust_cfa_offset -8
        .endr
        jmp     *(%r11)
        .cfi_endproc
        .size   go_on, . - go_on

        .set    number, 0
        .macro  old symbol
        .globl  unversioned_\symbol
        .type   unversioned_\symbol, @function
        .balign 16
unversioned_\symbol:
        .cfi_startproc
        endbr64
        leaq    ol_unversioned + 8 * number(%rip), %r11
        jmp     go_on
        .cfi_endproc
        .size   unversioned_\symbol, . - unversioned_\symbol
        .symver unversioned_\symbol, \symbol@GLIBC_2.2.5, remove
        .set    number, number + 1
        .endm

#define OLD(symbol) old symbol;
        OL_ARCH_OLD_SYMBOLS(OLD)

#include "notes.inc"
