/* open() and its spellings. In C they are variadic; on x86-64 and aarch64 a third argument comes in
 * the same register either way, so the wrappers are plain functions of three: what comes in goes on
 * untouched, and the jump off the loop costs no more than for any other call. A caller that passes
 * no mode passes no register worth reading: the mode is never looked at here. */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "conditions.h"
#include "wrap.h"

#if !defined __x86_64__ && !defined __aarch64__
#error "check that a variadic third argument is passed as a named one would be"
#endif

typedef int open_function(const char *path, int flags, mode_t mode);
typedef int openat_function(int folder, const char *path, int flags, mode_t mode);

static __attribute__((noinline)) int judged_open(enum ol_call call, const void *caller,
                                                 const char *path, int flags, mode_t mode)
{
    open_function *real = (open_function *)ol_real_get(call);
    if (ol_gate_is_open() || flags & O_PATH || !names_file(path))
        return real(path, flags, mode);
    struct ol_hit hit;
    struct ol_argument argument = PATH(path);
    if (!ol_gate_enter(&hit, call, OL_RULE_open, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    int fd = real(path, flags, mode);
    ol_gate_leave(&hit);
    return fd;
}

static __attribute__((noinline)) int judged_openat(enum ol_call call, const void *caller,
                                                   int folder, const char *path, int flags,
                                                   mode_t mode)
{
    openat_function *real = (openat_function *)ol_real_get(call);
    if (ol_gate_is_open() || flags & O_PATH || !names_file(path))
        return real(folder, path, flags, mode);
    struct ol_hit hit;
    struct ol_argument argument = AT(folder, path);
    if (!ol_gate_enter(&hit, call, OL_RULE_open, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    int fd = real(folder, path, flags, mode);
    ol_gate_leave(&hit);
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

/* Without parameters, so no rows of their own. */
#define OPEN_TEMPORARY(symbol)                                                                     \
    static FILE *wrap_##symbol(void);                                                              \
    static __attribute__((noinline)) FILE *judged_##symbol(const void *caller)                     \
    {                                                                                              \
        FILE *(*real)(void) = (FILE * (*)(void)) ol_real_get(OL_SLOT_##symbol);                    \
        struct ol_hit hit;                                                                         \
        struct ol_argument argument = NONE;                                                        \
        if (ol_gate_is_open())                                                                     \
            return real();                                                                         \
        if (!ol_gate_enter(&hit, OL_CALL_##symbol, OL_RULE_open, caller, &argument))               \
            return OL_FAIL_VALUE_null;                                                             \
        FILE *stream = real();                                                                     \
        ol_gate_leave(&hit);                                                                       \
        return stream;                                                                             \
    }                                                                                              \
    OL_ENTRY(symbol, FILE *, (void), ())                                                           \
    OL_CHECK_SIGNATURE(symbol)

OPEN_TEMPORARY(tmpfile)
OPEN_TEMPORARY(tmpfile64)

static __attribute__((noinline)) void judged_sync(const void *caller)
{
    if (ol_gate_is_open()) {
        ((void (*)(void))ol_real_get(OL_SLOT_sync))();
        return;
    }
    struct ol_hit hit;
    struct ol_argument argument = NONE;
    ol_gate_enter(&hit, OL_CALL_sync, OL_RULE_fsync, caller, &argument);
    ((void (*)(void))ol_real_get(OL_SLOT_sync))();
    ol_gate_leave(&hit);
}

OL_ENTRY(sync, void, (void), ())

static __attribute__((noinline)) int judged_close(const void *caller, int fd)
{
    int (*real)(int) = (int (*)(int))ol_real_get(OL_SLOT_close);
    ol_loop_closing(fd);
    if (ol_gate_is_open())
        return real(fd);
    struct ol_hit hit;
    struct ol_argument argument = ID(fd);
    ol_gate_judge(&hit, OL_CALL_close, OL_RULE_close, caller, &argument, OL_IF_SLOW);
    int result = real(fd);
    ol_gate_leave(&hit);
    return result;
}

static __attribute__((used)) int wrap_close(int fd)
{
    ol_real_function *known = ol_real_slots[OL_SLOT_close];
    if (OL_LIKELY(!ol_self.is_loop && known != NULL))
        return ((int (*)(int))known)(fd);
    return judged_close(OL_CALLER, fd);
}

OL_EXPORT(close)
OL_CHECK_SIGNATURE(sync)
OL_CHECK_SIGNATURE(close)
