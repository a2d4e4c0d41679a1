/* SPDX-License-Identifier: MIT */
/* vfork(), called by programs. The contract is in shim/vfork.c. There is no such system call here: it
 * is clone() with CLONE_VM, CLONE_VFORK and SIGCHLD. The return address is in a register anyway. */
        .text
        .globl  vfork
        .type   vfork, %function
        .balign 16
vfork:
        .cfi_startproc
        hint    #34                     /* bti c */
        mrs     x9, tpidr_el0
        adrp    x10, :gottprel:ol_self
        ldr     x10, [x10, #:gottprel_lo12:ol_self]
        add     x9, x9, x10
        ldrb    w10, [x9]               /* armed before */
        mov     x0, #0x4111
        mov     x1, #0                  /* on the same stack */
        mov     x2, #0
        mov     x3, #0
        mov     x4, #0
        mov     x8, #220
        svc     #0                      /* keeps all but x0 */
        tbnz    x0, #63, 1f
        cbnz    x0, 2f
        strb    wzr, [x9]               /* the child */
        ret
2:      strb    w10, [x9]               /* the parent, when the child has gone */
        ret
1:      b       ol_vfork_failed
        .cfi_endproc
        .size   vfork, . - vfork

#include "notes.inc"
