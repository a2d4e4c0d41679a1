/* SPDX-License-Identifier: MIT */
/* vfork(): its child runs in our memory, thread-local memory too, until it becomes another program
 * or ends; what it does is not the loop's. A function of C can't return twice on one stack frame,
 * so the call is made here, with the return address kept in a register as the C library does it:
 * the thread is disarmed in the child, and armed again in the parent as it was before. */
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "../detector/thread.h"

#ifdef __x86_64__

/* Jumped to with the kernel's answer. */
static __attribute__((used)) int vfork_failed(long error)
{
    errno = (int)-error;
    return -1;
}

_Static_assert(offsetof(struct ol_thread, armed) == 0, "the assembler writes ol_self.armed");
_Static_assert(SYS_vfork == 58, "the number below");

__asm__(".pushsection .text\n"
        ".globl vfork\n"
        ".type vfork, @function\n"
        "vfork:\n"
        ".cfi_startproc\n"
        "    endbr64\n"
        "    movq ol_self@gottpoff(%rip), %rdx\n"
        "    movzbl %fs:(%rdx), %esi\n" /* armed before */
        "    popq %rdi\n"
        ".cfi_adjust_cfa_offset -8\n"
        ".cfi_register %rip, %rdi\n"
        "    movl $58, %eax\n"
        "    syscall\n" /* keeps rdx, rsi, rdi */
        "    pushq %rdi\n"
        ".cfi_adjust_cfa_offset 8\n"
        "    testq %rax, %rax\n"
        "    js 1f\n"
        "    jnz 2f\n"
        "    movb $0, %fs:(%rdx)\n" /* the child */
        "    addq $8, %rsp\n"
        ".cfi_adjust_cfa_offset -8\n"
        "    jmp *%rdi\n" /* no ret: the shadow stack is the parent's too, who returns by it */
        ".cfi_adjust_cfa_offset 8\n"
        "2:  movb %sil, %fs:(%rdx)\n" /* the parent, when the child has gone */
        "    ret\n"
        "1:  movq %rax, %rdi\n"
        "    jmp vfork_failed\n"
        ".cfi_endproc\n"
        ".size vfork, . - vfork\n"
        ".popsection\n");

#endif
