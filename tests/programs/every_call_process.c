/* SPDX-License-Identifier: MIT */
/* every_call: the rows of the families `process`, `loader` and `system`. */
#include "every_call.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <pwd.h>
#include <shadow.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <termios.h>
#include <unistd.h>

extern void __syslog_chk(int priority, int flag, const char *format, ...);
extern void __vsyslog_chk(int priority, int flag, const char *format, va_list list);

/* --- children
 * --------------------------------------------------------------------------------------- */

static void child_has_ended(struct trial *t)
{
    siginfo_t info;
    t->pid = fork();
    if (t->pid == 0)
        _exit(7);
    if (waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOWAIT) != 0)
        abort();
    argue(t, "pid %d", (int)t->pid);
}

static void only_asked(struct trial *t)
{
    child_has_ended(t);
    t->flags = WNOHANG;
}

/* Until its end of the pipe is closed. */
static void child_runs(struct trial *t)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0)
        abort();
    t->pid = fork();
    if (t->pid == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 0 ? 7 : 8);
    }
    close(ends[0]);
    t->to = ends[1];
    argue(t, "pid %d", (int)t->pid);
}

static void some_child_runs(struct trial *t)
{
    child_runs(t);
    t->argument[0] = '\0';
}

static void end_child(struct trial *t)
{
    close(t->to);
    t->to = -1;
}

/* Nobody can wait for it a second time. */
static bool child_is_gone(struct trial *t)
{
    return waitpid(t->pid, NULL, 0) < 0;
}

static long child_of(struct trial *t, pid_t pid)
{
    return pid < 0 ? -1 : pid == t->pid;
}

static const struct world runs = {"runs", COUNTS, .prepare = child_runs, .meanwhile = end_child,
                                  .happened = child_is_gone};
static const struct world any_runs = {"runs", COUNTS, .prepare = some_child_runs,
                                      .meanwhile = end_child, .happened = child_is_gone};
static const struct world ended = {"ended", SILENT, .prepare = child_has_ended,
                                   .happened = child_is_gone};
static const struct world asked = {"nohang", SILENT, .prepare = only_asked,
                                   .happened = child_is_gone};
static siginfo_t child_info;
CASE(wait, WORLDS(&any_runs, &ended), child_of(t, wait(NULL)))
CASE(waitpid, WORLDS(&runs, &ended, &asked), child_of(t, waitpid(t->pid, NULL, t->flags)))
CASE(wait3, WORLDS(&any_runs, &ended, &asked), child_of(t, wait3(NULL, t->flags, NULL)))
CASE(wait4, WORLDS(&runs, &ended, &asked), child_of(t, wait4(t->pid, NULL, t->flags, NULL)))
CASE(waitid, WORLDS(&runs, &ended, &asked),
     waitid(P_PID, (id_t)t->pid, &child_info, WEXITED | t->flags))
CASE(SYS_wait4, WORLDS(&runs, &ended, &asked),
     child_of(t, (pid_t)syscall(SYS_wait4, t->pid, NULL, t->flags, NULL)))
CASE(SYS_waitid, WORLDS(&runs, &ended, &asked),
     syscall(SYS_waitid, P_PID, t->pid, &child_info, WEXITED | t->flags, NULL))

static void command_is_there(struct trial *t)
{
    snprintf(t->command, sizeof t->command, ": >'%s'", t->path);
    argue(t, "%s", t->command);
}

static void program_is_there(struct trial *t)
{
    command_is_there(t);
    argue(t, "/bin/sh");
}

static void name_is_there(struct trial *t)
{
    command_is_there(t);
    argue(t, "sh");
}

static bool command_ran(struct trial *t)
{
    if (t->pid > 0)
        waitpid(t->pid, NULL, 0);
    if (t->stream)
        pclose(t->stream);
    return exists(t->path);
}

static const struct world commanded = {"command", COUNTS, .prepare = command_is_there,
                                       .happened = command_ran};
static const struct world spawned = {"program", COUNTS, .prepare = program_is_there,
                                     .happened = command_ran};
static const struct world spawned_name = {"program", COUNTS, .prepare = name_is_there,
                                          .happened = command_ran};
static const struct world no_command = {"no-command", SILENT};

static char *const *shell_of(struct trial *t)
{
    static char name[] = "sh", option[] = "-c";
    static char *words[4] = {name, option};
    words[2] = t->command;
    return words;
}

CASE(system, WORLDS(&commanded, &no_command), system(t->command[0] ? t->command : NULL))
CASE(popen, WORLDS(&commanded), (t->stream = popen(t->command, "r")) != NULL)
CASE(posix_spawn, WORLDS(&spawned),
     posix_spawn(&t->pid, "/bin/sh", NULL, NULL, shell_of(t), environ))
CASE(posix_spawnp, WORLDS(&spawned_name),
     posix_spawnp(&t->pid, "sh", NULL, NULL, shell_of(t), environ))

static void command_is_running(struct trial *t)
{
    t->stream = popen("exit 3", "r");
    pause_ms(20);
}

static const struct world pipe_closed = {"command", COUNTS, .prepare = command_is_running};
CASE(pclose, WORLDS(&pipe_closed), pclose(t->stream))

static long fork_of(struct trial *t)
{
    t->pid = fork();
    if (t->pid == 0)
        _exit(0);
    return t->pid > 0 ? 1 : t->pid;
}

static bool has_a_child(struct trial *t)
{
    return t->pid > 0 && waitpid(t->pid, NULL, 0) == t->pid;
}

static long fork_terminal(struct trial *t)
{
    t->pid = forkpty(&t->to, NULL, NULL, NULL);
    if (t->pid == 0)
        _exit(0);
    return t->pid > 0 ? 1 : t->pid;
}

static const struct world forked = {"forked", COUNTS, .happened = has_a_child};
CASE(fork, WORLDS(&forked), fork_of(t))
CASE(forkpty, WORLDS(&forked), fork_terminal(t))
CASE(daemon, APART, 0) /* who calls it ends */

/* Programs that can not be run: of those that can, nobody comes back to tell. tests/e2e runs one
 * for each function apart. */
static void no_program(struct trial *t)
{
    argue(t, "%s", t->path);
    t->error = ENOENT;
}

static void no_program_in_a_file(struct trial *t)
{
    there_is_an_open_file(t);
    argue(t, "none");
    t->error = EACCES;
}

static const struct world not_there = {"not-there", COUNTS, .prepare = no_program};
static const struct world not_executable = {"not-executable", COUNTS,
                                            .prepare = no_program_in_a_file};
static char no_name[] = "none";
static char *const no_words[] = {no_name, NULL};
CASE(execve, WORLDS(&not_there), execve(t->path, no_words, environ))
CASE(execv, WORLDS(&not_there), execv(t->path, no_words))
CASE(execvp, WORLDS(&not_there), execvp(t->path, no_words))
CASE(execvpe, WORLDS(&not_there), execvpe(t->path, no_words, environ))
CASE(execl, WORLDS(&not_there), execl(t->path, "none", NULL))
CASE(execlp, WORLDS(&not_there), execlp(t->path, "none", NULL))
CASE(execle, WORLDS(&not_there), execle(t->path, "none", NULL, environ))
CASE(fexecve, WORLDS(&not_executable), fexecve(t->fd, no_words, environ))

/* --- signals: SIGUSR1 is blocked, SIGUSR2 is not
 * ----------------------------------------------------- */

static sigset_t user_signal;
static siginfo_t signal_info;
static int signal_number;

static void no_signal_yet(struct trial *t)
{
    sigemptyset(&user_signal);
    sigaddset(&user_signal, SIGUSR1);
    t->time.tv_sec = 20;
}

static void no_signal(struct trial *t)
{
    no_signal_yet(t);
    t->time.tv_sec = 0;
    t->error = EAGAIN;
}

static void suspended(struct trial *t)
{
    sigemptyset(&user_signal);
    t->error = EINTR;
}

static void interrupted(struct trial *t)
{
    t->error = EINTR;
}

static void send_signal(struct trial *t)
{
    (void)t;
    kill(getpid(), SIGUSR1);
}

/* Until it has been seen: it may come before the call waits. */
static void send_signals(struct trial *t)
{
    while (!call_is_over()) {
        pthread_kill(t->caller, SIGUSR2);
        pause_ms(2);
    }
}

static bool signal_was_taken(struct trial *t)
{
    (void)t;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return sigtimedwait(&set, NULL, &(struct timespec){0, 0}) < 0;
}

static const struct world signalled = {"signal", COUNTS, .prepare = no_signal_yet,
                                       .meanwhile = send_signal, .happened = signal_was_taken};
static const struct world unsignalled = {"timeout-0", SILENT, .prepare = no_signal};
static const struct world resumed = {"signal", COUNTS, .prepare = suspended,
                                     .meanwhile = send_signal, .happened = signal_was_taken};
static const struct world paused = {"signal", COUNTS, .prepare = interrupted,
                                    .meanwhile = send_signals};
CASE(sigwait, WORLDS(&signalled), sigwait(&user_signal, &signal_number))
CASE(sigwaitinfo, WORLDS(&signalled), sigwaitinfo(&user_signal, &signal_info))
CASE(sigtimedwait, WORLDS(&signalled, &unsignalled),
     sigtimedwait(&user_signal, &signal_info, &t->time))
CASE(sigsuspend, WORLDS(&resumed), sigsuspend(&user_signal))
CASE(pause, WORLDS(&paused), pause())

/* --- libraries: one that nothing here needs
 * ------------------------------------------------------------ */

#define A_LIBRARY "libanl.so.1"
static void *library;

static void not_loaded_yet(struct trial *t)
{
    argue(t, A_LIBRARY);
    t->flags = RTLD_NOW;
}

static void not_to_be_loaded(struct trial *t)
{
    t->flags = RTLD_NOW | RTLD_NOLOAD;
}

static bool it_is_loaded(struct trial *t)
{
    (void)t;
    return library != NULL;
}

static void unload(struct trial *t)
{
    (void)t;
    if (library)
        dlclose(library);
}

/* Blocked calls say why. */
static long load(void *handle)
{
    library = handle;
    if (handle)
        return 1;
    int error = errno;
    const char *why = dlerror();
    errno = error;
    return why && strstr(why, "blocked") ? 0 : -1;
}

static const struct world loaded = {"loaded", COUNTS, .prepare = not_loaded_yet,
                                    .happened = it_is_loaded, .clean = unload};
static const struct world looked_up = {"noload", SILENT, .prepare = not_to_be_loaded,
                                       .clean = unload};
CASE(dlopen, WORLDS(&loaded, &looked_up), load(dlopen(A_LIBRARY, t->flags)))
CASE(dlmopen, WORLDS(&loaded), load(dlmopen(LM_ID_NEWLM, A_LIBRARY, t->flags)))

/* --- users, terminals, random numbers, the log
 * ---------------------------------------------------------- */

static struct passwd user;
static struct passwd *user_found;
static struct group group;
static struct group *group_found;
static struct spwd shadow;
static struct spwd *shadow_found;

static void of_root(struct trial *t)
{
    argue(t, "root");
}

static void of_zero(struct trial *t)
{
    argue(t, "0");
}

static void root_only(struct trial *t)
{
    of_root(t);
    t->error = geteuid() == 0 ? 0 : EPERM;
}

static void shadow_of_root(struct trial *t)
{
    of_root(t);
    t->error = geteuid() == 0 ? 0 : EACCES;
}

static const struct world root = {"root", COUNTS, .prepare = of_root};
static const struct world zero = {"zero", COUNTS, .prepare = of_zero};
static const struct world rooted = {"root", COUNTS, .prepare = root_only};
static const struct world shadowed = {"root", COUNTS, .prepare = shadow_of_root};
static const struct world shadowed_by_value = {"root", COUNTS, .prepare = of_root};
CASE(getpwnam, WORLDS(&root), getpwnam("root") != NULL)
CASE(getpwuid, WORLDS(&zero), getpwuid(0) != NULL)
CASE(getpwnam_r, WORLDS(&root), getpwnam_r("root", &user, t->buffer, sizeof t->buffer, &user_found))
CASE(getpwuid_r, WORLDS(&zero), getpwuid_r(0, &user, t->buffer, sizeof t->buffer, &user_found))
CASE(getgrnam, WORLDS(&root), getgrnam("root") != NULL)
CASE(getgrgid, WORLDS(&zero), getgrgid(0) != NULL)
CASE(getgrnam_r, WORLDS(&root),
     getgrnam_r("root", &group, t->buffer, sizeof t->buffer, &group_found))
CASE(getgrgid_r, WORLDS(&zero), getgrgid_r(0, &group, t->buffer, sizeof t->buffer, &group_found))
CASE(getspnam, WORLDS(&shadowed), getspnam("root") != NULL)
CASE(getspnam_r, WORLDS(&shadowed_by_value),
     getspnam_r("root", &shadow, t->buffer, sizeof t->buffer, &shadow_found))
static gid_t groups[64];
static int group_count;
CASE(getgrouplist, WORLDS(&root), (group_count = 64, getgrouplist("root", 0, groups, &group_count)))
CASE(initgroups, WORLDS(&rooted), initgroups("root", 0))

static void there_is_a_terminal(struct trial *t)
{
    if (openpty(&t->to, &t->fd, NULL, NULL, NULL) != 0)
        abort();
    argue_fd(t, t->fd);
}

static void somebody_is_asked(struct trial *t)
{
    argue(t, "password? ");
}

static const struct world drained = {"terminal", COUNTS, .prepare = there_is_a_terminal};
static const struct world prompted = {"prompt", COUNTS, .prepare = somebody_is_asked};
CASE(tcdrain, WORLDS(&drained), tcdrain(t->fd))
static struct termios settings;

static void terminal_is_set_at_once(struct trial *t)
{
    there_is_a_terminal(t);
    tcgetattr(t->fd, &settings);
    settings.c_lflag ^= ECHO;
    t->flags = TCSANOW;
}

static void terminal_is_set_when_drained(struct trial *t)
{
    terminal_is_set_at_once(t);
    t->flags = TCSADRAIN;
}

static bool terminal_is_set(struct trial *t)
{
    struct termios now;
    return tcgetattr(t->fd, &now) == 0 && now.c_lflag == settings.c_lflag;
}

static const struct world set_at_once = {"now", SILENT, .prepare = terminal_is_set_at_once,
                                         .happened = terminal_is_set};
static const struct world set_when_drained = {
    "drained", IF_SLOW, .prepare = terminal_is_set_when_drained, .happened = terminal_is_set};
static const struct world broken = {"terminal", IF_SLOW, .prepare = there_is_a_terminal};
CASE(tcsetattr, WORLDS(&set_at_once, &set_when_drained), tcsetattr(t->fd, t->flags, &settings))
CASE(tcsendbreak, WORLDS(&broken), tcsendbreak(t->fd, 0))
CASE(getpass, WORLDS(&prompted), getpass("password? ") != NULL)

static void not_before_it_is_ready(struct trial *t)
{
    (void)t;
    t->flags = GRND_NONBLOCK;
}

static const struct world numbers = {"numbers", IF_SLOW, .happened = buffer_is_filled};
static const struct world numbers_now = {"nonblock", SILENT, .prepare = not_before_it_is_ready,
                                         .happened = buffer_is_filled};
CASE(getrandom, WORLDS(&numbers, &numbers_now), getrandom(t->buffer, 16, (unsigned)t->flags))
CASE(getentropy, WORLDS(&numbers), getentropy(t->buffer, 16))
CASE(SYS_getrandom, WORLDS(&numbers, &numbers_now), syscall(SYS_getrandom, t->buffer, 16, t->flags))

static void format_is_told(struct trial *t)
{
    argue(t, "every_call 1 two %%g"); /* floating point stays as it is written */
}

static long log_list(int flag, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    if (flag < 0)
        vsyslog(LOG_DEBUG, format, list);
    else
        __vsyslog_chk(LOG_DEBUG, flag, format, list);
    va_end(list);
    return 0;
}

/* Whether there is a log daemon is not ours to know: errno says so, and is left out. */
#define LOGGED(...) (__VA_ARGS__, errno = CANARY, 0)
#define FORMAT "every_call %d %s %g", 1, "two", 3.5
static const struct world logged = {"format", COUNTS, .prepare = format_is_told};
CASE(syslog, WORLDS(&logged), LOGGED(syslog(LOG_DEBUG, FORMAT)))
CASE(__syslog_chk, WORLDS(&logged), LOGGED(__syslog_chk(LOG_DEBUG, 1, FORMAT)))
CASE(vsyslog, WORLDS(&logged), LOGGED(log_list(-1, FORMAT)))
CASE(__vsyslog_chk, WORLDS(&logged), LOGGED(log_list(1, FORMAT)))

static void log_name_is_told(struct trial *t)
{
    argue(t, "every_call");
}

static const struct world log_opened = {"opened", IF_SLOW, .prepare = log_name_is_told};
static const struct world log_closed = {"closed", IF_SLOW};
CASE(openlog, WORLDS(&log_opened), LOGGED(openlog("every_call", LOG_NDELAY, LOG_USER)))
CASE(closelog, WORLDS(&log_closed), LOGGED(closelog()))

/* syscall() itself: a number that nobody judges. */
static const struct world unjudged = {"unjudged-number", SILENT};
CASE(syscall, WORLDS(&unjudged), syscall(SYS_getpid) == getpid())
