/* SPDX-License-Identifier: MIT */
/* x86-64. The contract is in arch.h. */
#ifndef OFFLOOP_X86_64_MACHINE_H
#define OFFLOOP_X86_64_MACHINE_H

#define OL_ARCH_ELF EM_X86_64
#define OL_ARCH_JUMP_SLOT R_X86_64_JUMP_SLOT
#define OL_ARCH_GLOB_DAT R_X86_64_GLOB_DAT
#define OL_ARCH_ADDRESS R_X86_64_64
#define OL_ARCH_AUDIT AUDIT_ARCH_X86_64
#define OL_ARCH_OPENED 0100000 /* glibc's O_LARGEFILE is 0 where files are large anyway */
#define OL_ARCH_REGISTERS 6
#define OL_ARCH_ANY_ARITY 1

/* A va_list is an array here: as a parameter it is the address of its first element already. */
#define OL_ARCH_ADDRESS_OF_LIST(list) ((const void *)(list))

/* mov $15, %rax; syscall */
#define OL_ARCH_SIGRETURN                                                                          \
    {                                                                                              \
        0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05                                                \
    }

/* The versions of those that programs link today are in exports.map.in; scripts/check-versions
 * compares with the C library. */
#define OL_ARCH_HAS_OLD_SYMBOLS 1
#define OL_ARCH_OLD_VERSION "GLIBC_2.2.5"
#define OL_ARCH_OLD_SYMBOLS(row)                                                                   \
    row(glob) row(glob64) row(nftw) row(nftw64) row(posix_spawn) row(posix_spawnp)                 \
        row(pthread_cond_timedwait) row(pthread_cond_wait) row(realpath)

#define OL_ARCH_CONTEXT STRING_OF(UNW_ARCH_OBJ(getcontext))
#define OL_ARCH_FILL(function, context) ((function)(context))
#define OL_ARCH_HAS_TRACE 1
#define OL_ARCH_LINK (-1)
#define OL_ARCH_FRAME UNW_X86_64_RBP

#ifndef __ASSEMBLER__
static inline uintptr_t ol_arch_unsigned(uintptr_t address)
{
    return address;
}

#define OL_ARCH_CALL_STEP 1
#define OL_ARCH_CALL_LENGTH 5
static inline uintptr_t ol_arch_called(const unsigned char *at)
{
    int32_t distance;
    if (at[0] != 0xe8)
        return 0;
    memcpy(&distance, at + 1, sizeof distance);
    return (uintptr_t)at + 5 + (uintptr_t)(intptr_t)distance;
}

#define OL_ARCH_SYSTEM_CALL                                                                        \
    {                                                                                              \
        0x0f, 0x05                                                                                 \
    }
#define OL_ARCH_NUMBER_STEP 1
#define OL_ARCH_NUMBER_LENGTH 5
static inline long ol_arch_number(const unsigned char *at) /* mov $number, %eax */
{
    return at[0] == 0xb8 && !at[3] && !at[4] ? at[1] | at[2] << 8 : -1;
}
#endif

/* Above the stack nothing is touched, and of registers what a call may change. */
#define OL_ARCH_VARIADIC_ENTRY(symbol, slot)                                                       \
    static __attribute__((naked, used)) void wrap_##symbol(void)                                   \
    {                                                                                              \
        __asm__("movq ol_self@gottpoff(%%rip), %%r11\n\t"                                          \
                "cmpb $0, %%fs:(%%r11)\n\t"                                                        \
                "jne judged_" #symbol "\n\t"                                                       \
                "leaq ol_real_slots(%%rip), %%r11\n\t"                                             \
                "movq %c0(%%r11), %%r11\n\t"                                                       \
                "testq %%r11, %%r11\n\t"                                                           \
                "je judged_" #symbol "\n\t"                                                        \
                "jmp *%%r11"                                                                       \
                :                                                                                  \
                : "i"(slot));                                                                      \
    }

#define OL_ARCH_SEMAPHORE_ENTRY(symbol, parameters, real)                                          \
    static __attribute__((naked, used)) int wrap_##symbol parameters                               \
    {                                                                                              \
        __asm__("movq ol_self@gottpoff(%%rip), %%rax\n\t"                                          \
                "cmpb $0, %%fs:(%%rax)\n\t"                                                        \
                "jne judged_" #symbol "\n\t"                                                       \
                "pushq %%rdi\n\t"                                                                  \
                ".cfi_adjust_cfa_offset 8\n\t"                                                     \
                "movq ol_semaphores@gottpoff(%%rip), %%rax\n\t"                                    \
                "call *%%fs:%c0(%%rax)\n\t"                                                        \
                "popq %%rdx\n\t"                                                                   \
                ".cfi_adjust_cfa_offset -8\n\t"                                                    \
                "testl %%eax, %%eax\n\t"                                                           \
                "jne 1f\n\t"                                                                       \
                "movq ol_holder_self@gottpoff(%%rip), %%rcx\n\t"                                   \
                "movzwl %%dx, %%esi\n\t"                                                           \
                "addq %%fs:(%%rcx), %%rdx\n\t"                                                     \
                "leaq ol_holders(%%rip), %%rcx\n\t"                                                \
                "movq %%rdx, (%%rcx,%%rsi)\n"                                                      \
                "1:\tret"                                                                          \
                :                                                                                  \
                : "i"(real));                                                                      \
    }

#endif
