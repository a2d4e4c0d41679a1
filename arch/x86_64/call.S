/* SPDX-License-Identifier: MIT */
/* long ol_arch_call(long number, long a, long b, long c, long d, long e, long f) */
        .text
        .hidden ol_arch_call
        .globl  ol_arch_call
        .type   ol_arch_call, @function
        .hidden ol_arch_after_call
        .globl  ol_arch_after_call
        .balign 16
ol_arch_call:
        .cfi_startproc
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        movq    %rcx, %rdx
        movq    %r8, %r10
        movq    %r9, %r8
        movq    8(%rsp), %r9
        syscall
ol_arch_after_call:
        ret
        .cfi_endproc
        .size   ol_arch_call, . - ol_arch_call

#include "notes.inc"
