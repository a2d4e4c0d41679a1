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
    struct ol_hit hit;
    struct ol_argument argument = NONE;
    if (!ol_gate_enter(&hit, OL_CALL_fork, OL_RULE_fork, caller, &argument))
        return OL_FAIL_VALUE_minus_one;
    pid_t pid = ((pid_t(*)(void))ol_real_get(OL_CALL_fork))();
    if (pid)
        ol_gate_leave(&hit);
    return pid;
}

static __attribute__((used)) pid_t wrap_fork(void)
{
    return ol_gate_is_open() ? REAL(fork)() : judged_fork(OL_CALLER);
}

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

#define EXEC(symbol, parameters, arguments)                                                        \
    static __attribute__((used)) int wrap_##symbol parameters                                      \
    {                                                                                              \
        ends_by_exec(true);                                                                        \
        int result = REAL(symbol) arguments;                                                       \
        ends_by_exec(false);                                                                       \
        return result;                                                                             \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

EXEC(execve, (const char *path, char *const argv[], char *const envp[]), (path, argv, envp))
EXEC(execv, (const char *path, char *const argv[]), (path, argv))
EXEC(execvp, (const char *file, char *const argv[]), (file, argv))
EXEC(execvpe, (const char *file, char *const argv[], char *const envp[]), (file, argv, envp))
EXEC(fexecve, (int fd, char *const argv[], char *const envp[]), (fd, argv, envp))
OL_EXPORT(exit)
OL_EXPORT(fork)
OL_CHECK_SIGNATURE(fork)
