/* SPDX-License-Identifier: MIT */
/* aarch64. The contract is in arch.h. */
#ifndef OFFLOOP_AARCH64_MACHINE_H
#define OFFLOOP_AARCH64_MACHINE_H

#define OL_ARCH_ELF EM_AARCH64
#define OL_ARCH_JUMP_SLOT R_AARCH64_JUMP_SLOT
#define OL_ARCH_GLOB_DAT R_AARCH64_GLOB_DAT
#define OL_ARCH_ADDRESS R_AARCH64_ABS64
#define OL_ARCH_AUDIT AUDIT_ARCH_AARCH64
#define OL_ARCH_OPENED 0400000 /* glibc's O_LARGEFILE is 0 where files are large anyway */
#define OL_ARCH_REGISTERS 8
#define OL_ARCH_ANY_ARITY 1
#define OL_ARCH_ADDRESS_OF_LIST(list) ((const void *)&(list))

/* mov x8, #139; svc #0: the kernel's, in its own object */
#define OL_ARCH_SIGRETURN                                                                          \
    {                                                                                              \
        0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4                                             \
    }

#define OL_ARCH_HAS_OLD_SYMBOLS 0

#define OL_ARCH_CONTEXT ""
#define OL_ARCH_FILL(function, context) unw_tdep_getcontext(context)
#define OL_ARCH_HAS_TRACE 0 /* one frame, by 1.6.2 */
#define OL_ARCH_LINK UNW_AARCH64_X30
#define OL_ARCH_FRAME UNW_AARCH64_X29

#ifndef __ASSEMBLER__
/* The upper bits of an address of a program are 0, and a signature is in them. */
static inline uintptr_t ol_arch_unsigned(uintptr_t address)
{
    return address & ((UINT64_C(1) << 48) - 1);
}

#define OL_ARCH_CALL_STEP 4
#define OL_ARCH_CALL_LENGTH 4
static inline uintptr_t ol_arch_called(const unsigned char *at)
{
    uint32_t instruction;
    memcpy(&instruction, at, sizeof instruction);
    if ((instruction & 0xfc000000u) != 0x94000000u)
        return 0;
    int32_t distance = (int32_t)(instruction << 6) >> 4; /* 26 bits, of words */
    return (uintptr_t)at + (uintptr_t)(intptr_t)distance;
}

#define OL_ARCH_SYSTEM_CALL                                                                        \
    {                                                                                              \
        0x01, 0x00, 0x00, 0xd4                                                                     \
    }
#define OL_ARCH_NUMBER_STEP 4
#define OL_ARCH_NUMBER_LENGTH 4
static inline long ol_arch_number(const unsigned char *at) /* mov w8, #number */
{
    bool is_one = at[3] == 0x52 && (at[0] & 0x1f) == 8;
    return is_one ? at[0] >> 5 | at[1] << 3 | (at[2] & 0x1f) << 11 : -1;
}
#endif

/* gcc has no naked functions here. */
#define OL_ARCH_VARIADIC_ENTRY(symbol, slot)                                                       \
    static __typeof(judged_##symbol) wrap_##symbol __attribute__((alias("judged_" #symbol), used));
#define OL_ARCH_SEMAPHORE_ENTRY(symbol, parameters, real)                                          \
    static __typeof(judged_##symbol) wrap_##symbol __attribute__((alias("judged_" #symbol), used));

#endif
