/* SPDX-License-Identifier: MIT */
/* How a row of calls.def becomes a wrapper. Every wrapper is two functions: wrap_X, which only asks
 * whether there is anything to judge and jumps on, and judged_X, which goes through the gate. On a
 * thread that is no loop a row may cost 15 instructions: scripts/bench off-loop counts them.
 * wrap_X is exported as X by an assembler label, since headers may have renamed X (large files,
 * fortification). */
#ifndef OFFLOOP_WRAP_H
#define OFFLOOP_WRAP_H

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "../arch/arch.h"
#include "../detector/gate.h"
#include "../detector/thread.h"
#include "export.h"
#include "real.h"

#define OL_CALLER __builtin_return_address(0)

/* Exports wrap_X as X. */
#define OL_EXPORT(symbol)                                                                          \
    extern __typeof(wrap_##symbol) exported_##symbol __asm__(#symbol)                              \
        __attribute__((alias("wrap_" #symbol), visibility("default")));                            \
    OL_NOTE_EXPORT(symbol, wrap_##symbol)

/* wrap_X must have the signature that the system's header gives X. */
#define OL_CHECK_SIGNATURE(symbol)                                                                 \
    _Static_assert(__builtin_types_compatible_p(__typeof(&symbol), __typeof(&wrap_##symbol)),      \
                   #symbol ": not the signature of the system header");

/* The real X, of wrap_X's type. */
#define REAL(symbol) ((__typeof(&wrap_##symbol))ol_real_get(OL_SLOT_##symbol))
/* The same where there is no wrap_X in sight: of the header's type. */
#define REAL_OF(symbol) ((__typeof(&symbol))ol_real_get(OL_SLOT_##symbol))
#define REAL_NEAR(symbol, caller)                                                                  \
    ((__typeof(&wrap_##symbol))ol_real_near(OL_CALL_##symbol, (caller)))

/* What a blocked call returns, by its `fail` column; parameters of the call are in scope. */
#define OL_FAIL_VALUE_minus_one (errno = EDEADLK, -1)
#define OL_FAIL_VALUE_null (errno = EDEADLK, NULL)
#define OL_FAIL_VALUE_zero (errno = EDEADLK, 0)
#define OL_FAIL_VALUE_errnum EDEADLK
#define OL_FAIL_VALUE_thrd_failed (errno = EDEADLK, -2)
#define OL_FAIL_VALUE_thrd_error 2 /* of <threads.h> */
#define OL_FAIL_VALUE_weof (errno = EDEADLK, WEOF)
#define OL_FAIL_VALUE_never /* only of functions that return nothing */
#define OL_FAIL_VALUE_unslept (errno = EDEADLK, seconds)
#define OL_FAIL_VALUE_eai_system (errno = EDEADLK, EAI_SYSTEM)
#define OL_FAIL_VALUE_host_null (h_errno = NO_RECOVERY, errno = EDEADLK, NULL)
#define OL_FAIL_VALUE_host_r (*result = NULL, *error = NO_RECOVERY, errno = EDEADLK)
#define OL_FAIL_VALUE_zero_read (errno = EDEADLK, 0)
#define OL_FAIL_VALUE_eof (errno = EDEADLK, EOF)
#define OL_FAIL_VALUE_h_errno_minus_one (h_errno = NO_RECOVERY, errno = EDEADLK, -1)
#define OL_FAIL_VALUE_entry_r (*result = NULL, EDEADLK)
#define OL_FAIL_VALUE_wordexp_failed (errno = EDEADLK, WRDE_NOSPACE)
#define OL_FAIL_VALUE_gnutls_failed (-64)
#define OL_FAIL_VALUE_mbedtls_failed (-0x2900)
#define OL_FAIL_VALUE_key_failed (-0x3E00)
/* as if nothing was found: callers free it whatever glob() said */
#define OL_FAIL_VALUE_glob_aborted                                                                 \
    (flags & GLOB_APPEND ? (void)0 : (void)(found->gl_pathc = 0, found->gl_pathv = NULL),          \
     errno = EDEADLK, GLOB_ABORTED)

#define OL_UNWRAP(...) __VA_ARGS__
#define OL_AND(...) , ##__VA_ARGS__ /* further arguments, if there are any */

/* The entry of a wrapper, as short as can be: one thread-local read, one slot, one jump. Whatever
 * is to be judged, or not known yet, goes to judged_X, which has the caller in front. */
#define OL_ENTRY_KNOWN(symbol, result_type, parameters, arguments, known_real)                     \
    static __attribute__((used)) result_type wrap_##symbol parameters                              \
    {                                                                                              \
        ol_real_function *known = known_real;                                                      \
        if (ol_gate_is_open() && OL_LIKELY(known != NULL))                                         \
            return ((__typeof(&wrap_##symbol))known)arguments;                                     \
        return judged_##symbol(OL_CALLER OL_AND arguments);                                        \
    }                                                                                              \
    OL_EXPORT(symbol)
#define OL_ENTRY(symbol, result_type, parameters, arguments)                                       \
    OL_ENTRY_KNOWN(symbol, result_type, parameters, arguments, OL_KNOWN(symbol))

#define OL_KNOWN(symbol) ol_real_slots[OL_SLOT_##symbol]
#define OL_KNOWN_NEAR(symbol) ol_real_near_known(OL_SLOT_##symbol, OL_CALLER)

/* Runs when a call is over, whatever it gives back: nothing too. */
static inline void ol_wrap_leave(struct ol_call **call)
{
    ol_gate_leave(*call);
}

/* A call through the gate: judged where it may block. The caller is in scope. */
#define OL_JUDGED(symbol, rule, fail, when, shown, ...)                                            \
    if (ol_gate_is_open())                                                                         \
        return __VA_ARGS__;                                                                        \
    enum ol_when may_block = (enum ol_when)(when);                                                 \
    if (may_block == OL_SILENT)                                                                    \
        return __VA_ARGS__;                                                                        \
    struct ol_call call;                                                                           \
    struct ol_argument argument = shown;                                                           \
    if (!ol_gate_judge(&call, OL_CALL_##symbol, OL_RULE_##rule, caller, &argument, may_block))     \
        return OL_FAIL_VALUE_##fail;                                                               \
    struct ol_call *passed __attribute__((unused, cleanup(ol_wrap_leave))) = &call;                \
    return __VA_ARGS__;

/* The two functions of a row. `real` is REAL(symbol) or REAL_NEAR(symbol, caller), `known` the same
 * or NULL without looking for it; `with_caller` are the parameters with the caller in front. */
#define OL_WRAP(symbol, rule, fail, result_type, parameters, with_caller, arguments, when, shown,  \
                real, known)                                                                       \
    static result_type wrap_##symbol parameters __attribute__((used));                             \
    static __attribute__((noinline)) result_type judged_##symbol with_caller{OL_JUDGED(            \
        symbol, rule, fail, when, shown,                                                           \
        real arguments)} OL_ENTRY_KNOWN(symbol, result_type, parameters, arguments, known)
#define OL_AND_CALLER(...) (const void *caller, __VA_ARGS__)

static inline void ol_wrap_end(va_list *list)
{
    va_end(*list);
}

/* A row with arguments of any number and kind: there is nothing to jump to with a va_list at the
 * price of one jump. So on x86-64 the entry is a few lines of assembler that touch no argument: off
 * the loop they jump on, on it to judged_X, which does the same by `listed`. Elsewhere judged_X
 * serves alone. */
#define OL_WRAP_VARIADIC(symbol, rule, fail, result_type, parameters, last, listed, arguments,     \
                         when, shown)                                                              \
    static __attribute__((used)) result_type judged_##symbol parameters                            \
    {                                                                                              \
        const void *caller = OL_CALLER;                                                            \
        va_list list __attribute__((cleanup(ol_wrap_end)));                                        \
        va_start(list, last);                                                                      \
        OL_JUDGED(symbol, rule, fail, when, shown, REAL_OF(listed) arguments)                      \
    }                                                                                              \
    OL_VARIADIC_ENTRY(symbol)                                                                      \
    _Static_assert(__builtin_types_compatible_p(__typeof(&symbol), __typeof(&judged_##symbol)),    \
                   #symbol ": not the signature of the system header");

#define OL_VARIADIC_ENTRY(symbol)                                                                  \
    OL_ARCH_VARIADIC_ENTRY(symbol, OL_SLOT_##symbol * sizeof(void *))                              \
    OL_EXPORT(symbol)
_Static_assert(offsetof(struct ol_thread, armed) == 0, "the assembler reads ol_self.armed");

#endif
