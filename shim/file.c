/* SPDX-License-Identifier: MIT */
/* open() and its spellings. In C they are variadic; a third argument comes in the same register
 * either way, so the wrappers are plain functions of three: what comes in goes on untouched, and
 * the jump off the loop costs no more than for any other call. A caller that passes no mode passes
 * no register worth reading: the mode is never looked at here. */
#include <fcntl.h>
#include <stddef.h>

#include "../arch/arch.h"
#include "conditions.h"
#include "wrap.h"

_Static_assert(OL_ARCH_ANY_ARITY, "a third argument comes in the same register either way");

typedef int open_function(const char *path, int flags, mode_t mode);
typedef int openat_function(int folder, const char *path, int flags, mode_t mode);

static __attribute__((noinline)) int judged_open(enum ol_call_id id, const void *caller,
                                                 const char *path, int flags, mode_t mode)
{
    open_function *real = (open_function *)ol_real_get(id);
    if (ol_gate_is_open() || flags & O_PATH || !names_file(path))
        return real(path, flags, mode);
    struct ol_call call;
    struct ol_argument argument = PATH(path);
    if (!ol_gate_enter(&call, id, OL_RULE_open, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    int fd = real(path, flags, mode);
    ol_gate_leave(&call);
    return fd;
}

static __attribute__((noinline)) int judged_openat(enum ol_call_id id, const void *caller,
                                                   int folder, const char *path, int flags,
                                                   mode_t mode)
{
    openat_function *real = (openat_function *)ol_real_get(id);
    if (ol_gate_is_open() || flags & O_PATH || !names_file(path))
        return real(folder, path, flags, mode);
    struct ol_call call;
    struct ol_argument argument = AT(folder, path);
    if (!ol_gate_enter(&call, id, OL_RULE_open, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    int fd = real(folder, path, flags, mode);
    ol_gate_leave(&call);
    return fd;
}

#define OPEN(symbol)                                                                               \
    static __attribute__((used)) int wrap_##symbol(const char *path, int flags, mode_t mode)       \
    {                                                                                              \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (ol_gate_is_open() && OL_LIKELY(known != NULL))                                         \
            return ((open_function *)known)(path, flags, mode);                                    \
        return judged_open(OL_CALL_##symbol, OL_CALLER, path, flags, mode);                        \
    }                                                                                              \
    OL_EXPORT(symbol)

#define OPENAT(symbol)                                                                             \
    static __attribute__((used)) int wrap_##symbol(int folder, const char *path, int flags,        \
                                                   mode_t mode)                                    \
    {                                                                                              \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (ol_gate_is_open() && OL_LIKELY(known != NULL))                                         \
            return ((openat_function *)known)(folder, path, flags, mode);                          \
        return judged_openat(OL_CALL_##symbol, OL_CALLER, folder, path, flags, mode);              \
    }                                                                                              \
    OL_EXPORT(symbol)

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
