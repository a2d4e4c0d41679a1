/* SPDX-License-Identifier: MIT */
/* fork() and its kin: return twice, and only the parent's return closes the hit. The child is made
 * "no loop" by the atfork handler. exec and exit: the process is not this program any more. */
#include <pty.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "../detector/command.h"
#include "../detector/guest.h"
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "../detector/recorder.h"
#include "../detector/thread.h"
#include "../detector/unwatched.h"
#include "wrap.h"

static void note_child(int pid)
{
    ol_self.child = pid;
    ol_self.child_turn = ol_self.turn_started;
}

/* daemon() gives 0 in the child as they all do; its parent ends. */
#define FORK(symbol, with_caller, parameters, arguments)                                           \
    static int wrap_##symbol parameters;                                                           \
    static __attribute__((noinline)) int judged_##symbol with_caller                               \
    {                                                                                              \
        struct ol_call call;                                                                       \
        struct ol_argument argument = NONE;                                                        \
        if (ol_gate_is_open())                                                                     \
            return REAL(symbol) arguments;                                                         \
        if (!ol_gate_enter(&call, OL_CALL_##symbol, OL_RULE_fork, caller, &argument))              \
            return OL_FAIL_VALUE_minus_one;                                                        \
        ol_command_prepare();                                                                      \
        int result = REAL(symbol) arguments;                                                       \
        if (result) {                                                                              \
            ol_gate_leave(&call);                                                                  \
            note_child(result);                                                                    \
        }                                                                                          \
        return result;                                                                             \
    }                                                                                              \
    OL_ENTRY(symbol, int, parameters, arguments)                                                   \
    OL_CHECK_SIGNATURE(symbol)

FORK(fork, (const void *caller), (void), ())
FORK(forkpty,
     (const void *caller, int *terminal, char *name, const struct termios *settings,
      const struct winsize *size),
     (int *terminal, char *name, const struct termios *settings, const struct winsize *size),
     (terminal, name, settings, size))
FORK(daemon, (const void *caller, int keeps_folder, int keeps_files),
     (int keeps_folder, int keeps_files), (keeps_folder, keeps_files))

static __attribute__((used)) void wrap_exit(int status)
{
    ol_guest_shutdown();
    REAL(exit)(status);
}

/* A forked child that becomes another program: this record has one process less. vfork()'s children
 * share our memory and have no entry: the pid tells. */
static void ends_by_exec(bool ends)
{
    if (ol_process.is_child && ol_raw_getpid() == ol_process.pid)
        ol_recorder_process_exec(ends);
}

/* On the loop it is told before it happens: nobody comes back to tell it after. vfork()'s child has
 * the parent's thread-local memory, and is told apart by the gate. */
static bool may_exec(enum ol_call_id id, const void *caller, const char *path, struct ol_call *call)
{
    struct ol_argument argument = PATH(path);
    return ol_gate_is_open() || ol_gate_enter(call, id, OL_RULE_exec, caller, &argument);
}

/* The parent is told what its child is: the memory of a fork's child is its own but for the
 * command, that of a vfork's child is the parent's. */
static void becomes(char *const words[])
{
    int pid = ol_raw_getpid();
    if (!ol_process.is_child && pid == ol_process.pid)
        return;
    ol_command_note(pid, words);
    note_child(pid);
}

#define THROUGH_GATE(symbol, path, words, environment, ...)                                        \
    struct ol_call call;                                                                           \
    bool judged = !ol_gate_is_open();                                                              \
    if (!may_exec(OL_CALL_##symbol, OL_CALLER, path, &call))                                       \
        return OL_FAIL_VALUE_minus_one;                                                            \
    becomes(words);                                                                                \
    ol_unwatched_note(path, environment);                                                          \
    ends_by_exec(true);                                                                            \
    int result = __VA_ARGS__;                                                                      \
    ends_by_exec(false);                                                                           \
    if (judged)                                                                                    \
        ol_gate_leave(&call);                                                                      \
    return result;

#define EXEC(symbol, path, environment, parameters, arguments)                                     \
    static __attribute__((used)) int wrap_##symbol parameters{                                     \
        THROUGH_GATE(symbol, path, argv, environment, REAL(symbol) arguments)} OL_EXPORT(symbol)   \
        OL_CHECK_SIGNATURE(symbol)

EXEC(execve, path, envp, (const char *path, char *const argv[], char *const envp[]),
     (path, argv, envp))
EXEC(execv, path, environ, (const char *path, char *const argv[]), (path, argv))
EXEC(execvp, file, environ, (const char *file, char *const argv[]), (file, argv))
EXEC(execvpe, file, envp, (const char *file, char *const argv[], char *const envp[]),
     (file, argv, envp))
EXEC(fexecve, argv ? argv[0] : NULL, envp, (int fd, char *const argv[], char *const envp[]),
     (fd, argv, envp))

/* Those with a list of words do what the others do with an array of them. */
static size_t count_words(const char *word, va_list list)
{
    size_t count = 0;
    for (; word; word = va_arg(list, const char *))
        count++;
    return count;
}

/* `words` has room for them and a NULL. */
static char **take_words(char **words, const char *word, va_list list)
{
    size_t count = 0;
    for (; word; word = va_arg(list, const char *))
        words[count++] = (char *)(uintptr_t)word;
    words[count] = NULL;
    return words;
}

#define EXEC_LIST(symbol, with_array, taken, given)                                                \
    static __attribute__((used)) int wrap_##symbol(const char *path, const char *word, ...)        \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, word);                                                                      \
        size_t count = count_words(word, list);                                                    \
        va_end(list);                                                                              \
        va_start(list, word);                                                                      \
        char **words = take_words(__builtin_alloca((count + 1) * sizeof *words), word, list);      \
        taken;                                                                                     \
        va_end(list);                                                                              \
        THROUGH_GATE(symbol, path, words, environment, REAL(with_array) given)                     \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

EXEC_LIST(execl, execv, char *const *environment = environ, (path, words))
EXEC_LIST(execlp, execvp, char *const *environment = environ, (path, words))
EXEC_LIST(execle, execve, char *const *environment = va_arg(list, char *const *),
          (path, words, environment))

static void spawned(int pid, char *const words[])
{
    ol_command_note(pid, words);
    note_child(pid);
}

/* Starts a program without becoming it. */
#define SPAWN(symbol)                                                                              \
    static __attribute__((used)) int wrap_##symbol(                                                \
        pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,                   \
        const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])               \
    {                                                                                              \
        struct ol_call call;                                                                       \
        struct ol_argument argument = PATH(path);                                                  \
        bool judged = !ol_gate_is_open();                                                          \
        ol_unwatched_note(path, envp);                                                             \
        if (judged && !ol_gate_enter(&call, OL_CALL_##symbol, OL_RULE_fork, OL_CALLER, &argument)) \
            return OL_FAIL_VALUE_errnum;                                                           \
        int result = REAL(symbol)(pid, path, actions, attributes, argv, envp);                     \
        if (judged)                                                                                \
            ol_gate_leave(&call);                                                                  \
        if (judged && result == 0 && pid)                                                          \
            spawned(*pid, argv);                                                                   \
        return result;                                                                             \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

SPAWN(posix_spawn)
SPAWN(posix_spawnp)

OL_EXPORT(exit)
