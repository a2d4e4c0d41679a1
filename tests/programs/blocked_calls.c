/* SPDX-License-Identifier: MIT */
/* One call of each function that offloop can block, in a turn of a loop or off it, and what came of
 * it. Started by tests/e2e/test_policy.py:
 *
 *     blocked_calls on|off FOLDER PORT [NAME…]
 *
 * Off it there is a loop all the same, in a thread of its own, so that something is watched.
 * Writes "NAME VALUE ERRNO NANOSECONDS" for each call (of those named, or all), then "children N",
 * the children that nobody had waited for. Files that a call makes are FOLDER/made-by-NAME; what
 * a call takes (taken-by-NAME) is made before the loop. Results are kept until the loop is over:
 * writing them is a call too.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

/* Fortified and old spellings: no header has them, and new C libraries only for old programs. */
extern int __open_2(const char *, int) __attribute__((weak));
extern int __open64_2(const char *, int) __attribute__((weak));
extern int __openat_2(int, const char *, int) __attribute__((weak));
extern int __openat64_2(int, const char *, int) __attribute__((weak));
extern int __xstat(int, const char *, struct stat *) __attribute__((weak));
extern int __xstat64(int, const char *, struct stat64 *) __attribute__((weak));
extern int __lxstat(int, const char *, struct stat *) __attribute__((weak));
extern int __lxstat64(int, const char *, struct stat64 *) __attribute__((weak));
extern int __fxstatat(int, int, const char *, struct stat *, int) __attribute__((weak));
extern int __fxstatat64(int, int, const char *, struct stat64 *, int) __attribute__((weak));

enum { MISSING = -12345, TOUCHED = -54321, XSTAT_VERSION = 1 };

static const char *folder;
static int port;
static int folder_fd;
static int some_file;
static DIR *stream;
static char made[4200];    /* FOLDER/made-by-NAME */
static char taken[4200];   /* FOLDER/taken-by-NAME */
static char command[9000]; /* a shell command that makes it */
static union {
    struct stat stat;
    struct stat64 stat64;
    struct statx statx;
} status; /* filled with 0xaa before each call */

static bool status_is_untouched(void)
{
    unsigned char untouched[sizeof status];
    memset(untouched, 0xaa, sizeof untouched);
    return memcmp(&status, untouched, sizeof status) == 0;
}

/* A call that failed must not have filled in anything. */
static long asked(long result)
{
    return result != 0 && !status_is_untouched() ? TOUCHED : result;
}

static long of_stream(FILE *file)
{
    if (!file)
        return 0;
    int error = errno;
    fclose(file);
    errno = error;
    return 1;
}

static long of_folder(DIR *opened)
{
    if (!opened)
        return 0;
    closedir(opened);
    return 1;
}

static struct timespec *a_moment(void)
{
    static struct timespec time;
    time = (struct timespec){.tv_nsec = 20000000};
    return &time;
}

static struct timeval *a_short_while(void)
{
    static struct timeval time;
    time = (struct timeval){.tv_usec = 20000};
    return &time;
}

static struct timespec *in_a_moment(void)
{
    static struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += 20000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return &time;
}

static long connect_to_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    long result = connect(fd, (struct sockaddr *)&address, sizeof address);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static long call_getaddrinfo(void)
{
    struct addrinfo *found = NULL;
    int result = getaddrinfo("localhost", "80", NULL, &found);
    if (result == 0)
        freeaddrinfo(found);
    return result;
}

static long call_gethostbyname_r(void)
{
    struct hostent entry;
    struct hostent *found = &entry;
    char buffer[2048];
    int error = 0;
    int result = gethostbyname_r("localhost", &entry, buffer, sizeof buffer, &found, &error);
    return result && found ? TOUCHED : result;
}

static long call_gethostbyname2_r(void)
{
    struct hostent entry;
    struct hostent *found = &entry;
    char buffer[2048];
    int error = 0;
    int result = gethostbyname2_r("localhost", AF_INET, &entry, buffer, sizeof buffer, &found,
                                  &error);
    return result && found ? TOUCHED : result;
}

static long call_glob(void)
{
    glob_t found = {.gl_pathc = 0};
    char pattern[4200];
    snprintf(pattern, sizeof pattern, "%s/taken-*", folder);
    int result = glob(pattern, 0, NULL, &found);
    if (result == 0)
        globfree(&found);
    return result;
}

static long call_glob64(void)
{
    glob64_t found = {.gl_pathc = 0};
    char pattern[4200];
    snprintf(pattern, sizeof pattern, "%s/taken-*", folder);
    int result = glob64(pattern, 0, NULL, &found);
    if (result == 0)
        globfree64(&found);
    return result;
}

static long call_scandir(void)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return count;
}

static long call_scandir64(void)
{
    struct dirent64 **names = NULL;
    int count = scandir64(folder, &names, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return count;
}

static long call_popen(void)
{
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return 0;
    pclose(pipe);
    return 1;
}

static long call_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid;
}

/* A child goes on until its parent has waited for it for this long: one that has ended is no wait.
 */
enum { PATIENCE_US = 200000 };
static int children_gate[2];
static _Atomic unsigned waits; /* odd: the parent is in one */

static void *let_children_go(void *unused)
{
    while (true) {
        unsigned before = waits;
        usleep(PATIENCE_US);
        if (before % 2 && waits == before && write(children_gate[1], "x", 1) != 1)
            return unused;
    }
}

static long await(long (*call)(void))
{
    waits++;
    long value = call();
    waits++;
    return value;
}

static long call_wait(void)
{
    return wait(NULL);
}

static long call_waitpid(void)
{
    return waitpid(-1, NULL, 0);
}

static long call_wait3(void)
{
    return wait3(NULL, 0, NULL);
}

static long call_wait4(void)
{
    return wait4(-1, NULL, 0, NULL);
}

static long call_waitid(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED);
}

static long call_fdopendir(void)
{
    return of_folder(fdopendir(dup(folder_fd)));
}

static long wait_for_nobody(void)
{
    struct pollfd nobody = {.fd = some_file + 100, .events = POLLIN};
    int pair[2];
    if (pipe(pair) != 0)
        return MISSING;
    nobody.fd = pair[0];
    long result = poll(&nobody, 1, 20);
    int error = errno;
    close(pair[0]);
    close(pair[1]);
    errno = error;
    return result;
}

/* A library that nothing here needs. */
static long call_dlopen(void)
{
    void *handle = dlopen("libanl.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle) {
        dlclose(handle);
        return 1;
    }
    int error = errno;
    const char *why = dlerror(); /* good until the next call */
    bool explained = why && strstr(why, "blocked");
    bool loaded = dlopen("libanl.so.1", RTLD_NOW | RTLD_NOLOAD) != NULL;
    errno = error;
    return loaded || !explained ? TOUCHED : 0;
}

#define WEAK(symbol, ...) (symbol ? (long)symbol(__VA_ARGS__) : MISSING)

/* X(name, value): the name that `offloop explain` lists, and the call. */
#define CALLS(X)                                                                                   \
    X(open, open(made, O_WRONLY | O_CREAT, 0600))                                                  \
    X(open64, open64(made, O_WRONLY | O_CREAT, 0600))                                              \
    X(openat, openat(folder_fd, "made-by-openat", O_WRONLY | O_CREAT, 0600))                       \
    X(openat64, openat64(folder_fd, "made-by-openat64", O_WRONLY | O_CREAT, 0600))                 \
    X(creat, creat(made, 0600))                                                                    \
    X(creat64, creat64(made, 0600))                                                                \
    X(__open_2, WEAK(__open_2, taken, O_RDWR | O_TRUNC))                                           \
    X(__open64_2, WEAK(__open64_2, taken, O_RDWR | O_TRUNC))                                       \
    X(__openat_2, WEAK(__openat_2, folder_fd, taken, O_RDWR | O_TRUNC))                            \
    X(__openat64_2, WEAK(__openat64_2, folder_fd, taken, O_RDWR | O_TRUNC))                        \
    X(fopen, of_stream(fopen(made, "w")))                                                          \
    X(fopen64, of_stream(fopen64(made, "w")))                                                      \
    X(fsync, fsync(some_file))                                                                     \
    X(fdatasync, fdatasync(some_file))                                                             \
    X(syncfs, syncfs(folder_fd))                                                                   \
    X(stat, asked(stat(taken, &status.stat)))                                                      \
    X(stat64, asked(stat64(taken, &status.stat64)))                                                \
    X(lstat, asked(lstat(taken, &status.stat)))                                                    \
    X(lstat64, asked(lstat64(taken, &status.stat64)))                                              \
    X(fstatat, asked(fstatat(folder_fd, taken, &status.stat, 0)))                                  \
    X(fstatat64, asked(fstatat64(folder_fd, taken, &status.stat64, 0)))                            \
    X(statx, asked(statx(folder_fd, taken, 0, STATX_SIZE, &status.statx)))                         \
    X(__xstat, asked(WEAK(__xstat, XSTAT_VERSION, taken, &status.stat)))                           \
    X(__xstat64, asked(WEAK(__xstat64, XSTAT_VERSION, taken, &status.stat64)))                     \
    X(__lxstat, asked(WEAK(__lxstat, XSTAT_VERSION, taken, &status.stat)))                         \
    X(__lxstat64, asked(WEAK(__lxstat64, XSTAT_VERSION, taken, &status.stat64)))                   \
    X(__fxstatat, asked(WEAK(__fxstatat, XSTAT_VERSION, folder_fd, taken, &status.stat, 0)))       \
    X(__fxstatat64, asked(WEAK(__fxstatat64, XSTAT_VERSION, folder_fd, taken, &status.stat64, 0))) \
    X(access, access(taken, R_OK))                                                                 \
    X(faccessat, faccessat(folder_fd, taken, R_OK, 0))                                             \
    X(euidaccess, euidaccess(taken, R_OK))                                                         \
    X(eaccess, eaccess(taken, R_OK))                                                               \
    X(rename, rename(taken, made))                                                                 \
    X(renameat, renameat(folder_fd, taken, folder_fd, made))                                       \
    X(renameat2, renameat2(folder_fd, taken, folder_fd, made, RENAME_NOREPLACE))                   \
    X(unlink, unlink(taken))                                                                       \
    X(unlinkat, unlinkat(folder_fd, taken, 0))                                                     \
    X(remove, remove(taken))                                                                       \
    X(mkdir, mkdir(made, 0700))                                                                    \
    X(mkdirat, mkdirat(folder_fd, made, 0700))                                                     \
    X(rmdir, rmdir(taken))                                                                         \
    X(opendir, of_folder(opendir(folder)))                                                         \
    X(fdopendir, call_fdopendir())                                                                 \
    X(readdir, readdir(stream) != NULL)                                                            \
    X(readdir64, readdir64(stream) != NULL)                                                        \
    X(scandir, call_scandir())                                                                     \
    X(scandir64, call_scandir64())                                                                 \
    X(glob, call_glob())                                                                           \
    X(glob64, call_glob64())                                                                       \
    X(sleep, sleep(1))                                                                             \
    X(usleep, usleep(20000))                                                                       \
    X(nanosleep, nanosleep(a_moment(), NULL))                                                      \
    X(clock_nanosleep, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, in_a_moment(), NULL))       \
    X(thrd_sleep, thrd_sleep(a_moment(), NULL))                                                    \
    X(getaddrinfo, call_getaddrinfo())                                                             \
    X(gethostbyname, gethostbyname("localhost") != NULL)                                           \
    X(gethostbyname2, gethostbyname2("localhost", AF_INET) != NULL)                                \
    X(gethostbyname_r, call_gethostbyname_r())                                                     \
    X(gethostbyname2_r, call_gethostbyname2_r())                                                   \
    X(connect, connect_to_port())                                                                  \
    X(poll, wait_for_nobody())                                                                     \
    X(select, select(folder_fd + 1, NULL, NULL, &(fd_set){0}, a_short_while()))                    \
    X(fork, call_fork())                                                                           \
    X(wait, await(call_wait))                                                                      \
    X(waitpid, await(call_waitpid))                                                                \
    X(wait3, await(call_wait3))                                                                    \
    X(wait4, await(call_wait4))                                                                    \
    X(waitid, await(call_waitid))                                                                  \
    X(system, system(command))                                                                     \
    X(popen, call_popen())                                                                         \
    X(dlopen, call_dlopen())

#define FUNCTION(name, value)                                                                      \
    static __attribute__((noinline)) long of_##name(void)                                          \
    {                                                                                              \
        return (long)(value);                                                                      \
    }
CALLS(FUNCTION)

static const struct {
    const char *name;
    long (*call)(void);
} calls[] = {
#define ROW(name, value) {#name, of_##name},
    CALLS(ROW)};
enum { COUNT = sizeof calls / sizeof *calls, CHILDREN = 5 };

static struct {
    long value;
    int error;
    long long ns;
} results[COUNT];

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void name_paths(int which)
{
    snprintf(made, sizeof made, "%s/made-by-%s", folder, calls[which].name);
    snprintf(taken, sizeof taken, "%s/taken-by-%s", folder, calls[which].name);
    snprintf(command, sizeof command, ": >'%s'", made);
}

static void make_what_is_taken(int which)
{
    name_paths(which);
    if (strcmp(calls[which].name, "rmdir") == 0) {
        mkdir(taken, 0700);
        return;
    }
    FILE *file = fopen(taken, "w");
    if (file) {
        fputs("something\n", file);
        fclose(file);
    }
}

static void make_children(void)
{
    char go;
    pthread_t thread;
    if (pipe2(children_gate, O_CLOEXEC) != 0)
        exit(2);
    for (int i = 0; i < CHILDREN; i++)
        if (fork() == 0) {
            close(children_gate[1]);
            _exit(read(children_gate[0], &go, 1) < 0);
        }
    if (pthread_create(&thread, NULL, let_children_go, NULL) != 0)
        exit(2);
}

static void try(int which)
{
    name_paths(which);
    memset(&status, 0xaa, sizeof status);
    errno = 0;
    long long start = now();
    results[which].value = calls[which].call();
    results[which].error = errno;
    results[which].ns = now() - start;
}

static bool is_named(int which, int argc, char **argv)
{
    for (int i = 4; i < argc; i++)
        if (strcmp(argv[i], calls[which].name) == 0)
            return true;
    return argc == 4;
}

/* The turn begins when the wait returns, and ends with the descriptor. */
static int enter_loop(void)
{
    struct epoll_event event;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_wait(fd, &event, 1, 0);
    return fd;
}

static void *loop_elsewhere(void *none)
{
    close(enter_loop());
    return none;
}

static void run_loop_elsewhere(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, loop_elsewhere, NULL) != 0)
        exit(2);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    bool on = argc > 3 && strcmp(argv[1], "on") == 0;
    if (argc < 4)
        return 2;
    folder = argv[2];
    port = atoi(argv[3]);
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < COUNT; i++)
        make_what_is_taken(i);
    some_file = open(taken, O_RDWR);
    stream = opendir(folder);
    make_children();
    if (!on)
        run_loop_elsewhere();
    int loop = on ? enter_loop() : -1;
    for (int i = 0; i < COUNT; i++)
        if (is_named(i, argc, argv))
            try(i);
    close(loop);
    for (int i = 0; i < COUNT; i++)
        if (is_named(i, argc, argv))
            printf("%s %ld %d %lld\n", calls[i].name, results[i].value, results[i].error,
                   results[i].ns);
    int children = 0;
    close(children_gate[1]);
    while (wait(NULL) > 0)
        children++;
    printf("children %d\n", children);
    return 0;
}
