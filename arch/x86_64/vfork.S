/* SPDX-License-Identifier: MIT */
/* vfork(), called by programs. The contract is in shim/vfork.c. The return address is kept in a
 * register, since the child writes over the place that it was at. */
        .text
        .globl  vfork
        .type   vfork, @function
        .balign 16
vfork:
        .cfi_startproc
        endbr64
        movq    ol_self@gottpoff(%rip), %rdx
        movzbl  %fs:(%rdx), %esi        /* armed before */
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        .cfi_register %rip, %rdi
        movl    $58, %eax
        syscall                         /* keeps rdx, rsi, rdi */
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        testq   %rax, %rax
        js      1f
        jnz     2f
        movb    $0, %fs:(%rdx)          /* the child */
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        jmp     *%rdi                   /* no ret: the shadow stack is the parent's too, who returns by it */
        .cfi_adjust_cfa_offset 8
2:      movb    %sil, %fs:(%rdx)        /* the parent, when the child has gone */
        ret
1:      movq    %rax, %rdi
        jmp     ol_vfork_failed
        .cfi_endproc
        .size   vfork, . - vfork

#include "notes.inc"
