/* SPDX-License-Identifier: MIT */
/* What differs between processors. A port is a folder here, and nothing outside of arch/ asks which
 * processor it is compiled for: it uses what is below. To add one, write the folder's files and a
 * line in the #if at the end; docs/design.md ("Ports") says how it is tried.
 *
 *     <cpu>/machine.h      what is listed here, for C and the assembler
 *     <cpu>/call.S         ol_arch_call
 *     <cpu>/switch.S       ol_arch_switch
 *     <cpu>/vfork.S        vfork(): the thread is disarmed in the child (shim/vfork.c)
 *     <cpu>/patch.S        the stubs, and ol_patch_call (shim/patch/patch.h, patch_frame.h)
 *     <cpu>/slots.c        ol_arch_look_at_code
 *     <cpu>/state.c        ol_arch_state_start
 *     <cpu>/unversioned.S  jumps to older versions of functions, where the C library has any
 *     <cpu>/exports.map    the versions of what is exported
 *     <cpu>/meson.build    which of these there are
 *
 * machine.h gives:
 *
 *     OL_ARCH_ELF          e_machine of its programs
 *     OL_ARCH_JUMP_SLOT    relocations: a slot of calls,
 *     OL_ARCH_GLOB_DAT     an address that the linker fetched,
 *     OL_ARCH_ADDRESS      and one in data
 *     OL_ARCH_AUDIT        the processor, as filters of system calls know it
 *     OL_ARCH_OPENED       what the kernel adds to the flags of all files that open() opened
 *     OL_ARCH_SIGRETURN    the bytes of the instructions that handlers of signals return to
 *     OL_ARCH_REGISTERS    how many integers and pointers of a call come in registers
 *     OL_ARCH_ANY_ARITY    1: an integer comes in the same register in variadic functions too
 *     OL_ARCH_ADDRESS_OF_LIST(list)
 *                          of a va_list that is a parameter
 *     OL_ARCH_HAS_OLD_SYMBOLS
 *                          1: of functions that we export, the C library has older versions, for
 *                          references without one. Then there are:
 *     OL_ARCH_OLD_SYMBOLS(row)
 *                          row(symbol) for each of them,
 *     OL_ARCH_OLD_VERSION  and that version's name
 *     OL_ARCH_CALL_STEP, OL_ARCH_CALL_LENGTH
 *                          instructions that call begin at multiples of the one, and are as long as
 *                          the other
 *     ol_arch_called(at)   the function that such an instruction calls; 0: it is another one
 *     OL_ARCH_SYSTEM_CALL  the bytes of the instruction that calls the kernel
 *     OL_ARCH_NUMBER_STEP, OL_ARCH_NUMBER_LENGTH
 *                          the same of instructions that give the number for it
 *     ol_arch_number(at)   the number that such an instruction gives; -1: it is another one
 *
 *   for stack.c, which includes libunwind.h:
 *     OL_ARCH_CONTEXT      libunwind's function that fills a context; "" where its header does
 *     OL_ARCH_FILL(function, context)
 *                          0: filled, in the frame that it stands in
 *     OL_ARCH_LINK         the register that calls leave the return address in; -1: they leave it
 *                          right below what is the stack pointer when they have returned
 *     OL_ARCH_HAS_TRACE    1: unw_backtrace(), which is faster, goes as far as steps do
 *     OL_ARCH_FRAME        the register that points to the frame's record: the caller's, and the
 *                          return address
 *     ol_arch_unsigned(address)
 *                          a return address as it is jumped to, without a signature
 *
 *   entries of wrappers that are shorter than a compiler's, or the same as judged_X:
 *     OL_ARCH_VARIADIC_ENTRY(symbol, slot)
 *                          wrap_X: jumps to the function whose address stands `slot` bytes behind
 *                          ol_real_slots; to judged_X where ol_self.armed, or there is none
 *     OL_ARCH_SEMAPHORE_ENTRY(symbol, parameters, real)
 *                          wrap_X: calls the function whose address stands `real` bytes behind
 *                          ol_semaphores, and notes the holder; jumps to judged_X where armed
 */
#ifndef OFFLOOP_ARCH_H
#define OFFLOOP_ARCH_H

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The system call, with the kernel's answer. The one copy of the instruction that is ours: filters
 * may look at its address, which is ol_arch_after_call. */
long ol_arch_call(long number, long a, long b, long c, long d, long e, long f)
    __attribute__((visibility("hidden")));
extern const char ol_arch_after_call[] __attribute__((visibility("hidden")));

/* Calls the function with the stack pointer at `top`. Unwinders find the caller by its frame, which
 * stays where it was. */
void ol_arch_switch(void (*function)(void *argument), void *argument, void *top)
    __attribute__((visibility("hidden")));

/* Notes every use of an address from `first` on, `count` words, that the code mentions. Whether it
 * is called, or jumped to, or anything else. What only looks like one counts as the latter. */
typedef void ol_arch_note(uintptr_t address, bool is_call);
void ol_arch_look_at_code(const uint8_t *code, size_t size, uintptr_t first, size_t count,
                          ol_arch_note *note);

/* At start: finds out how much of the processor's state a call has to find again. Before that,
 * nothing is judged. */
void ol_arch_state_start(void);
#endif

#if defined __x86_64__
#include "x86_64/machine.h"
#elif defined __aarch64__
#include "aarch64/machine.h"
#else
#error "offloop runs on x86-64 and aarch64; see docs/design.md, Ports"
#endif

#endif
