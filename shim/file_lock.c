/* SPDX-License-Identifier: MIT */
/* Locks on files: asked for without waiting first; only one that somebody else holds is a hit.
 * fcntl() is variadic: its third argument comes in the same register either way (see file.c). */
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <unistd.h>

#include "wrap.h"

#define USED static __attribute__((used))

static bool is_held(int result)
{
    return result == -1 && (errno == EWOULDBLOCK || errno == EACCES);
}

/* Waits for it, through the gate. */
#define WAIT_FOR(id, ...)                                                                          \
    struct ol_call call;                                                                           \
    struct ol_argument argument = FD(fd);                                                          \
    if (!ol_gate_enter(&call, id, OL_RULE_file_lock, caller, &argument))                           \
        return OL_FAIL_VALUE_minus_one;                                                            \
    result = __VA_ARGS__;                                                                          \
    ol_gate_leave(&call);                                                                          \
    return result;

USED int wrap_flock(int fd, int operation);

static __attribute__((noinline)) int judged_flock(const void *caller, int fd, int operation)
{
    int saved = errno;
    if (ol_gate_is_open() || operation & (LOCK_NB | LOCK_UN))
        return REAL(flock)(fd, operation);
    int result = REAL(flock)(fd, operation | LOCK_NB);
    if (!is_held(result))
        return result;
    errno = saved;
    WAIT_FOR(OL_CALL_flock, REAL(flock)(fd, operation))
}

USED int wrap_flock(int fd, int operation)
{
    ol_real_function *known = ol_real_slots[OL_SLOT_flock];
    if (ol_gate_is_open() && OL_LIKELY(known != NULL))
        return ((int (*)(int, int))known)(fd, operation);
    return judged_flock(OL_CALLER, fd, operation);
}

typedef int lockf_function(int fd, int command, off64_t size);

static __attribute__((noinline)) int judged_lockf(enum ol_call_id id, const void *caller, int fd,
                                                  int command, off64_t size)
{
    lockf_function *real = (lockf_function *)ol_real_get(id);
    int saved = errno;
    if (ol_gate_is_open() || command != F_LOCK)
        return real(fd, command, size);
    int result = real(fd, F_TLOCK, size);
    if (!is_held(result))
        return result;
    errno = saved;
    WAIT_FOR(id, real(fd, command, size))
}

typedef int fcntl_function(int fd, int command, void *argument);

static __attribute__((noinline)) int judged_fcntl(enum ol_call_id id, const void *caller, int fd,
                                                  int command, void *lock)
{
    fcntl_function *real = (fcntl_function *)ol_real_get(id);
    int saved = errno;
    bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
    if (ol_gate_is_open() || !waits)
        return real(fd, command, lock);
    int result = real(fd, command == F_SETLKW ? F_SETLK : F_OFD_SETLK, lock);
    if (!is_held(result))
        return result;
    errno = saved;
    WAIT_FOR(id, real(fd, command, lock))
}

#define LOCKF(symbol)                                                                              \
    USED int wrap_##symbol(int fd, int command, off64_t size)                                      \
    {                                                                                              \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (ol_gate_is_open() && OL_LIKELY(known != NULL))                                         \
            return ((lockf_function *)known)(fd, command, size);                                   \
        return judged_lockf(OL_CALL_##symbol, OL_CALLER, fd, command, size);                       \
    }                                                                                              \
    OL_EXPORT(symbol)

#define FCNTL(symbol)                                                                              \
    USED int wrap_##symbol(int fd, int command, void *argument)                                    \
    {                                                                                              \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (ol_gate_is_open() && OL_LIKELY(known != NULL))                                         \
            return ((fcntl_function *)known)(fd, command, argument);                               \
        return judged_fcntl(OL_CALL_##symbol, OL_CALLER, fd, command, argument);                   \
    }                                                                                              \
    OL_EXPORT(symbol)

LOCKF(lockf)
LOCKF(lockf64)
FCNTL(fcntl)
FCNTL(fcntl64)
OL_EXPORT(flock)
OL_CHECK_SIGNATURE(flock)
OL_CHECK_SIGNATURE(lockf64)
