/* Stubs for functions that rules files name, x86-64. The contract is in patch.h; offsets are those
 * of struct ol_patch_frame, checked in patch_judge.c.
 *
 * A stub may use r11 only: rdi, rsi, rdx, rcx, r8, r9, the vectors, rax (their number, for variadic
 * functions) and r10 (the static chain) belong to the call. Of vectors the lower 16 bytes are kept;
 * the rest is not touched unless there is a violation.
 */
#ifdef __x86_64__

#define WORDS 0
#define VECTORS 80
#define SLOT 208
#define STACK 216
#define CALLER 224
#define SIZE 240
#define STACK_ROOM 256

        .text
        .hidden ol_patch_stubs
        .globl  ol_patch_stubs
        .type   ol_patch_stubs, @function
        .balign 16
ol_patch_stubs:
        .cfi_startproc
        .set    number, 0
        .rept   2048
        .balign 16
        endbr64
        movl    $(number * 32), %r11d
        jmp     entry
        .set    number, number + 1
        .endr
        .cfi_endproc
        .size   ol_patch_stubs, . - ol_patch_stubs

        .macro  save_vectors base
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        movups  %xmm\n, VECTORS + 16 * \n(\base)
        .endr
        .endm

        .macro  load_arguments base
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        movups  VECTORS + 16 * \n(\base), %xmm\n
        .endr
        movq    WORDS + 0(\base), %rdi
        movq    WORDS + 8(\base), %rsi
        movq    WORDS + 16(\base), %rdx
        movq    WORDS + 24(\base), %rcx
        movq    WORDS + 32(\base), %r8
        movq    WORDS + 40(\base), %r9
        movq    WORDS + 48(\base), %rax
        movq    WORDS + 56(\base), %r10
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
        cmpb    $0, 8(%rax, %r11)
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
        subq    $SIZE, %rsp
        movq    %rdi, WORDS + 0(%rsp)
        movq    %rsi, WORDS + 8(%rsp)
        movq    %rdx, WORDS + 16(%rsp)
        movq    %rcx, WORDS + 24(%rsp)
        movq    %r8, WORDS + 32(%rsp)
        movq    %r9, WORDS + 40(%rsp)
        movq    %rax, WORDS + 48(%rsp)
        movq    %r10, WORDS + 56(%rsp)
        save_vectors %rsp
        movq    %r11, SLOT(%rsp)
        leaq    16(%rbp), %rax
        movq    %rax, STACK(%rsp)
        movq    8(%rbp), %rax
        movq    %rax, CALLER(%rsp)
        movq    %rsp, %rdi
        call    ol_patch_judge
        testq   %rax, %rax
        je      over
        movq    %rax, %r11
        load_arguments %rsp
        leave
        .cfi_remember_state
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        jmp     *%r11
over:
        .cfi_restore_state
        movq    WORDS + 0(%rsp), %rax
        movq    WORDS + 8(%rsp), %rdx
        movups  VECTORS + 0(%rsp), %xmm0
        movups  VECTORS + 16(%rsp), %xmm1
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
        subq    $STACK_ROOM, %rsp
        movq    %rdi, %rbx
        movq    %rsi, %r11
        movq    STACK(%rbx), %rsi
        movq    %rsp, %rdi
        movq    %rdx, %rcx
        cld
        rep movsb
        load_arguments %rbx
        call    *%r11
        movq    %rax, WORDS + 0(%rbx)
        movq    %rdx, WORDS + 8(%rbx)
        movups  %xmm0, VECTORS + 0(%rbx)
        movups  %xmm1, VECTORS + 16(%rbx)
        movq    -8(%rbp), %rbx
        .cfi_restore %rbx
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret
        .cfi_endproc
        .size   ol_patch_call, . - ol_patch_call

        .section .note.GNU-stack, "", @progbits
#endif
