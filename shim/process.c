/* fork(): returns twice, and only the parent's return closes the hit. The child is made "no loop"
 * by the atfork handler. exec and exit: the process is not this program any more. */
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "../detector/guest.h"
#include "../detector/rawio.h"
#include "../detector/recorder.h"
#include "wrap.h"

static __attribute__((noinline)) pid_t judged_fork(const void *caller)
{
    if (ol_gate_is_open())
        return ((pid_t(*)(void))ol_real_get(OL_CALL_fork))();
    struct ol_hit hit;
    struct ol_argument argument = NONE;
    if (!ol_gate_enter(&hit, OL_CALL_fork, OL_RULE_fork, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    pid_t pid = ((pid_t(*)(void))ol_real_get(OL_CALL_fork))();
    if (pid)
        ol_gate_leave(&hit);
    return pid;
}

OL_ENTRY(fork, pid_t, (void), ())

static __attribute__((used)) void wrap_exit(int status)
{
    ol_guest_shutdown();
    REAL(exit)(status);
}

/* A forked child that becomes another program: this record has one process less. vfork()'s children
 * share our memory and have no entry: the pid tells. */
static void ends_by_exec(bool ends)
{
    if (ol_guest.is_child && ol_raw_getpid() == ol_guest.pid)
        ol_recorder_process_exec(ends);
}

/* On the loop it is told before it happens: nobody comes back to tell it after. vfork()'s child has
 * the parent's thread-local memory, and is told apart by the gate. */
static bool may_exec(enum ol_call call, const void *caller, const char *path, struct ol_hit *hit)
{
    struct ol_argument argument = PATH(path);
    return ol_gate_is_open() || ol_gate_enter(hit, call, OL_RULE_exec, caller, &argument);
}

#define EXEC(symbol, path, parameters, arguments)                                                  \
    static __attribute__((used)) int wrap_##symbol parameters                                      \
    {                                                                                              \
        struct ol_hit hit;                                                                         \
        bool judged = !ol_gate_is_open();                                                          \
        if (!may_exec(OL_CALL_##symbol, OL_CALLER, path, &hit))                                    \
            return OL_FAIL_VALUE_minus_one;                                                        \
        ends_by_exec(true);                                                                        \
        int result = REAL(symbol) arguments;                                                       \
        ends_by_exec(false);                                                                       \
        if (judged)                                                                                \
            ol_gate_leave(&hit);                                                                   \
        return result;                                                                             \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

EXEC(execve, path, (const char *path, char *const argv[], char *const envp[]), (path, argv, envp))
EXEC(execv, path, (const char *path, char *const argv[]), (path, argv))
EXEC(execvp, file, (const char *file, char *const argv[]), (file, argv))
EXEC(execvpe, file, (const char *file, char *const argv[], char *const envp[]), (file, argv, envp))
EXEC(fexecve, argv ? argv[0] : NULL, (int fd, char *const argv[], char *const envp[]),
     (fd, argv, envp))

static __attribute__((noinline)) int judged_pause(const void *caller)
{
    if (ol_gate_is_open())
        return ((int (*)(void))ol_real_get(OL_SLOT_pause))();
    struct ol_hit hit;
    struct ol_argument argument = NONE;
    if (!ol_gate_enter(&hit, OL_CALL_pause, OL_RULE_sigwait, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    int result = ((int (*)(void))ol_real_get(OL_SLOT_pause))();
    ol_gate_leave(&hit);
    return result;
}

OL_ENTRY(pause, int, (void), ())
OL_CHECK_SIGNATURE(pause)
OL_EXPORT(exit)
OL_CHECK_SIGNATURE(fork)
