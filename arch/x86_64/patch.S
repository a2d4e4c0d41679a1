/* SPDX-License-Identifier: MIT */
/* Stubs for functions that rules files name. The contract is in shim/patch/patch.h; offsets are
 * those of patch_frame.h.
 *
 * A stub may use r11 only: rdi, rsi, rdx, rcx, r8, r9, the vectors, rax (their number, for variadic
 * functions) and r10 (the static chain) belong to the call. What a user's function takes and gives
 * is not known, so all of the processor's state is kept (XSAVE) while we judge; of functions of our
 * own packs only the lower 16 bytes of eight vectors.
 *
 * A call whose end is to be seen is made from here, with the stack pointer where the caller had it,
 * so that arguments on the stack lie where the function looks for them. That leaves no place on the
 * stack for the caller's rbp and return address: they are in a frame record apart, which rbp points
 * to meanwhile. Functions give rbp back, whatever their convention, and so do unwinders, which read
 * the rest by the rules below. Return addresses are only moved by call and ret: shadow stacks agree.
 */
#include "../patch_frame.h"

#define STATE_MASK 0xe7 /* x87, SSE, AVX, AVX-512 */
#define STATE_HEADER 512
#define STATE_ALIGNMENT 64

        .text
        .hidden ol_patch_stubs
        .globl  ol_patch_stubs
        .type   ol_patch_stubs, @function
        .balign 16
ol_patch_stubs:
        .cfi_startproc
        .set    number, 0
        .rept   OL_STUBS
        .balign OL_STUB_SIZE
        endbr64
        movl    $(number * OL_SLOT_SIZE), %r11d
        jmp     entry
        .set    number, number + 1
        .endr
        .cfi_endproc
        .size   ol_patch_stubs, . - ol_patch_stubs

        /* `at`: where the frame begins from the base on. */
        .macro  save_words at base
        movq    %rdi, \at + OL_FRAME_WORDS + 0(\base)
        movq    %rsi, \at + OL_FRAME_WORDS + 8(\base)
        movq    %rdx, \at + OL_FRAME_WORDS + 16(\base)
        movq    %rcx, \at + OL_FRAME_WORDS + 24(\base)
        movq    %r8, \at + OL_FRAME_WORDS + 32(\base)
        movq    %r9, \at + OL_FRAME_WORDS + 40(\base)
        movq    %rax, \at + OL_FRAME_WORDS + 48(\base)
        movq    %r10, \at + OL_FRAME_WORDS + 56(\base)
        .endm

        .macro  load_words at base
        movq    \at + OL_FRAME_WORDS + 0(\base), %rdi
        movq    \at + OL_FRAME_WORDS + 8(\base), %rsi
        movq    \at + OL_FRAME_WORDS + 16(\base), %rdx
        movq    \at + OL_FRAME_WORDS + 24(\base), %rcx
        movq    \at + OL_FRAME_WORDS + 32(\base), %r8
        movq    \at + OL_FRAME_WORDS + 40(\base), %r9
        movq    \at + OL_FRAME_WORDS + 48(\base), %rax
        movq    \at + OL_FRAME_WORDS + 56(\base), %r10
        .endm

        .macro  save_vectors
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        movups  %xmm\n, OL_FRAME_VECTORS - OL_FRAME_SIZE + 16 * \n(%rbp)
        .endr
        .endm

        .macro  load_vectors
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        movups  OL_FRAME_VECTORS - OL_FRAME_SIZE + 16 * \n(%rbp), %xmm\n
        .endr
        .endm

        /* Below the stack pointer, which is left there. Takes rax and rdx. */
        .macro  save_state
        movq    ol_arch_state_size(%rip), %rax
        subq    %rax, %rsp
        andq    $-STATE_ALIGNMENT, %rsp
        cmpq    $STATE_HEADER, %rax
        ja      1f
        fxsave64 (%rsp)
        jmp     2f
1:      xorl    %edx, %edx
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        movq    %rdx, STATE_HEADER + 8 * \n(%rsp)
        .endr
        movl    $STATE_MASK, %eax
        xsave64 (%rsp)
2:
        .endm

        .macro  load_state
        cmpq    $STATE_HEADER, ol_arch_state_size(%rip)
        ja      1f
        fxrstor64 (%rsp)
        jmp     2f
1:      xorl    %edx, %edx
        movl    $STATE_MASK, %eax
        xrstor64 (%rsp)
2:
        .endm

        .macro  is_plain
        leaq    ol_patch_slots(%rip), %rax
        addq    OL_FRAME_SLOT - OL_FRAME_SIZE(%rbp), %rax
        cmpb    $0, OL_SLOT_PLAIN(%rax)
        .endm

        /* r11: the slot's offset. Outside of a turn, a function that is judged in turns only goes
         * straight on. */
        .type   entry, @function
        .balign 16
entry:
        .cfi_startproc
        pushq   %rax
        .cfi_adjust_cfa_offset 8
        movq    ol_self@gottpoff(%rip), %rax
        cmpb    $0, %fs:(%rax)
        jne     ask
        leaq    ol_patch_slots(%rip), %rax
        cmpb    $0, OL_SLOT_ANYWHERE(%rax, %r11)
        jne     ask
        movq    (%rax, %r11), %r11
        popq    %rax
        .cfi_adjust_cfa_offset -8
        jmp     *%r11

ask:
        .cfi_adjust_cfa_offset 8
        popq    %rax
        .cfi_adjust_cfa_offset -8
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        subq    $OL_FRAME_SIZE, %rsp
        save_words -OL_FRAME_SIZE, %rbp
        movq    %r11, OL_FRAME_SLOT - OL_FRAME_SIZE(%rbp)
        leaq    16(%rbp), %rax
        movq    %rax, OL_FRAME_STACK - OL_FRAME_SIZE(%rbp)
        movq    8(%rbp), %rax
        movq    %rax, OL_FRAME_CALLER - OL_FRAME_SIZE(%rbp)
        is_plain
        je      keep_all
        save_vectors
        movq    %rsp, %rdi
        call    ol_patch_judge
        load_vectors
        jmp     judged
keep_all:
        save_state
        leaq    -OL_FRAME_SIZE(%rbp), %rdi
        call    ol_patch_judge
        load_state
judged:
        movq    OL_FRAME_BACK - OL_FRAME_SIZE(%rbp), %r11
        testq   %r11, %r11
        jne     call_it
        movq    OL_FRAME_REAL - OL_FRAME_SIZE(%rbp), %r11
        testq   %r11, %r11
        je      over
        load_words -OL_FRAME_SIZE, %rbp
        leave
        .cfi_remember_state
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        jmp     *%r11
over:
        .cfi_restore_state
        movq    OL_FRAME_WORDS - OL_FRAME_SIZE + 0(%rbp), %rax
        movq    OL_FRAME_WORDS - OL_FRAME_SIZE + 8(%rbp), %rdx
        movups  OL_FRAME_VECTORS - OL_FRAME_SIZE + 0(%rbp), %xmm0
        movups  OL_FRAME_VECTORS - OL_FRAME_SIZE + 16(%rbp), %xmm1
        leave
        .cfi_remember_state
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret

        /* The record's address goes where rbp is taken from: what lies deeper may be written over
         * by a signal handler once the stack pointer is up. */
call_it:
        .cfi_restore_state
        movq    %r11, (%rbp)
        movq    OL_FRAME_REAL - OL_FRAME_SIZE(%rbp), %r11
        load_words -OL_FRAME_SIZE, %rbp
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_escape 0x10, 6, 2, 0x76, 0    /* rbp is at (rbp) */
        leaq    8(%rsp), %rsp
        /* The frame begins 8 bytes higher than the stack pointer of who called: two frames of one
         * address would be one for libgcc. */
        .cfi_escape 0x16, 7, 2, 0x77, 0    /* rsp is rsp */
        .cfi_escape 0x10, 16, 2, 0x76, 8   /* the return address is at 8(rbp) */
        call    *%r11
        pushq   8(%rbp)
        .cfi_def_cfa %rsp, 16
        .cfi_escape 0x16, 7, 2, 0x77, 8
        pushq   (%rbp)
        .cfi_def_cfa %rsp, 16
        .cfi_restore %rip
        .cfi_restore %rsp
        .cfi_offset %rip, -8
        .cfi_offset %rbp, -16
        movq    %rbp, %r11
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        subq    $OL_FRAME_SIZE, %rsp
        save_words -OL_FRAME_SIZE, %rbp
        movq    %r11, OL_FRAME_BACK - OL_FRAME_SIZE(%rbp)
        save_state
        movq    OL_FRAME_BACK - OL_FRAME_SIZE(%rbp), %rdi
        leaq    16(%rbp), %rsi
        call    ol_patch_is_over
        load_state
        load_words -OL_FRAME_SIZE, %rbp
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret
        .cfi_endproc
        .size   entry, . - entry

        /* void ol_patch_call(struct ol_patch_frame *frame, const void *real, size_t stack_size) */
        .hidden ol_patch_call
        .globl  ol_patch_call
        .type   ol_patch_call, @function
        .balign 16
ol_patch_call:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rbx
        .cfi_offset %rbx, -24
        pushq   %rbx
        subq    $OL_STACK_ARGUMENTS, %rsp
        movq    %rdi, %rbx
        movq    %rsi, %r11
        movq    OL_FRAME_STACK(%rbx), %rsi
        movq    %rsp, %rdi
        movq    %rdx, %rcx
        cld
        rep movsb
        load_words 0, %rbx
        call    *%r11
        movq    %rax, OL_FRAME_WORDS + 0(%rbx)
        movq    %rdx, OL_FRAME_WORDS + 8(%rbx)
        movq    -8(%rbp), %rbx
        .cfi_restore %rbx
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret
        .cfi_endproc
        .size   ol_patch_call, . - ol_patch_call

#include "notes.inc"
