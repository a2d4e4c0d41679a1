/* SPDX-License-Identifier: MIT */
/* Stubs for functions that rules files name. The contract is in shim/patch/patch.h; offsets are
 * those of patch_frame.h.
 *
 * A stub may use x9 to x17: x0 to x7, x8 (where a struct is returned to) and the vectors belong to
 * the call. Functions with SVE's vectors say so in their symbol, and have no stub.
 *
 * A call whose end is to be seen is made from here, with the stack pointer where the caller had it,
 * so that arguments on the stack lie where the function looks for them. The caller's x29 and return
 * address are in a frame record apart meanwhile, which x29 points to: functions give it back, and so
 * do unwinders.
 */
#include "../patch_frame.h"

        .text
        .hidden ol_patch_stubs
        .globl  ol_patch_stubs
        .type   ol_patch_stubs, %function
        .balign 16
ol_patch_stubs:
        .cfi_startproc
        .set    number, 0
        .rept   OL_STUBS
        .balign OL_STUB_SIZE
        hint    #34             /* bti c */
        movz    w16, #number
        b       entry
        .set    number, number + 1
        .endr
        .cfi_endproc
        .size   ol_patch_stubs, . - ol_patch_stubs

        .macro  save_arguments base
        stp     x0, x1, [\base, #OL_FRAME_WORDS + 0]
        stp     x2, x3, [\base, #OL_FRAME_WORDS + 16]
        stp     x4, x5, [\base, #OL_FRAME_WORDS + 32]
        stp     x6, x7, [\base, #OL_FRAME_WORDS + 48]
        str     x8, [\base, #OL_FRAME_WORDS + 64]
        stp     q0, q1, [\base, #OL_FRAME_VECTORS + 0]
        stp     q2, q3, [\base, #OL_FRAME_VECTORS + 32]
        stp     q4, q5, [\base, #OL_FRAME_VECTORS + 64]
        stp     q6, q7, [\base, #OL_FRAME_VECTORS + 96]
        .endm

        .macro  load_arguments base
        ldp     q0, q1, [\base, #OL_FRAME_VECTORS + 0]
        ldp     q2, q3, [\base, #OL_FRAME_VECTORS + 32]
        ldp     q4, q5, [\base, #OL_FRAME_VECTORS + 64]
        ldp     q6, q7, [\base, #OL_FRAME_VECTORS + 96]
        ldp     x0, x1, [\base, #OL_FRAME_WORDS + 0]
        ldp     x2, x3, [\base, #OL_FRAME_WORDS + 16]
        ldp     x4, x5, [\base, #OL_FRAME_WORDS + 32]
        ldp     x6, x7, [\base, #OL_FRAME_WORDS + 48]
        ldr     x8, [\base, #OL_FRAME_WORDS + 64]
        .endm

        /* w16: the slot's number. Outside of a turn, a function that is judged in turns only goes
         * straight on. */
        .type   entry, %function
        .balign 16
entry:
        .cfi_startproc
        lsl     x16, x16, #5
        mrs     x17, tpidr_el0
        adrp    x9, :gottprel:ol_self
        ldr     x9, [x9, #:gottprel_lo12:ol_self]
        ldrb    w9, [x17, x9]
        adrp    x17, ol_patch_slots
        add     x17, x17, #:lo12:ol_patch_slots
        add     x17, x17, x16
        cbnz    w9, ask
        ldrb    w9, [x17, #OL_SLOT_ANYWHERE]
        cbnz    w9, ask
        ldr     x16, [x17]
        br      x16
ask:
        stp     x29, x30, [sp, #-16]!
        .cfi_def_cfa_offset 16
        .cfi_offset x29, -16
        .cfi_offset x30, -8
        mov     x29, sp
        .cfi_def_cfa_register x29
        sub     sp, sp, #OL_FRAME_SIZE
        save_arguments sp
        str     x16, [sp, #OL_FRAME_SLOT]
        add     x9, x29, #16
        str     x9, [sp, #OL_FRAME_STACK]
        str     x30, [sp, #OL_FRAME_CALLER]
        mov     x0, sp
        bl      ol_patch_judge
        ldr     x17, [sp, #OL_FRAME_BACK]
        ldr     x16, [sp, #OL_FRAME_REAL]
        cbnz    x17, call_it
        cbz     x16, over
        load_arguments sp
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        .cfi_remember_state
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        br      x16
over:
        .cfi_restore_state
        load_arguments sp
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        .cfi_remember_state
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        ret
call_it:
        .cfi_restore_state
        load_arguments sp
        add     sp, x29, #16
        mov     x29, x17
        /* The frame begins 8 bytes higher than the stack pointer of who called: two frames of one
         * address would be one for libgcc. */
        .cfi_def_cfa sp, 8
        .cfi_escape 0x16, 31, 2, 0x8f, 0   /* sp is sp */
        .cfi_escape 0x10, 29, 2, 0x8d, 0   /* x29 is at [x29] */
        .cfi_escape 0x10, 30, 2, 0x8d, 8   /* the return address at [x29, #8] */
        blr     x16
        mov     x17, x29
        ldp     x29, x30, [x17]
        stp     x29, x30, [sp, #-16]!
        mov     x29, sp
        .cfi_restore sp
        .cfi_def_cfa x29, 16
        .cfi_offset x29, -16
        .cfi_offset x30, -8
        sub     sp, sp, #OL_FRAME_SIZE
        save_arguments sp
        mov     x0, x17
        add     x1, x29, #16
        bl      ol_patch_is_over
        load_arguments sp
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        ret
        .cfi_endproc
        .size   entry, . - entry

        /* void ol_patch_call(struct ol_patch_frame *frame, const void *real, size_t stack_size) */
        .hidden ol_patch_call
        .globl  ol_patch_call
        .type   ol_patch_call, %function
        .balign 16
ol_patch_call:
        .cfi_startproc
        hint    #34             /* bti c */
        stp     x29, x30, [sp, #-32]!
        .cfi_def_cfa_offset 32
        .cfi_offset x29, -32
        .cfi_offset x30, -24
        str     x19, [sp, #16]
        .cfi_offset x19, -16
        mov     x29, sp
        .cfi_def_cfa_register x29
        sub     sp, sp, #OL_STACK_ARGUMENTS
        mov     x19, x0
        mov     x16, x1
        ldr     x9, [x19, #OL_FRAME_STACK]
        mov     x10, sp
        cbz     x2, 2f
1:      ldrb    w11, [x9], #1
        strb    w11, [x10], #1
        subs    x2, x2, #1
        b.ne    1b
2:      load_arguments x19
        blr     x16
        stp     x0, x1, [x19, #OL_FRAME_WORDS + 0]
        mov     sp, x29
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        .cfi_restore x19
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        ret
        .cfi_endproc
        .size   ol_patch_call, . - ol_patch_call

#include "notes.inc"
