/* SPDX-License-Identifier: MIT */
/* Every row of detector/calls.def and every number of shim/syscalls.def, called on a loop or off
 * it. Started by tests/e2e/test_every_call.py:
 *
 *     every_call on|off FOLDER [SYMBOL…]
 *
 * "on" is a thread that waits in epoll_wait() and makes each call in a turn of its own; "off" a
 * thread for each call. What is there before is made by the main thread, and what is to be seen
 * afterwards is looked at by it: it is no loop. Writes one JSON object a line for each situation,
 * at the end: standard output is one of the things that are called.
 *
 *     every_call exec SYMBOL   the loop becomes /bin/echo, by that function; its child by daemon()
 */
#include "every_call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif

enum { MOST_WORLDS = 12, MOST = 4096 };

struct row {
    const char *symbol;
    const char *name; /* as users know the function */
    const char *rule;
    const char *fail;
    const struct every_case *is;
};

/* A row is declared by the table, and defined by its family's file: one without a case does not
 * link. */
#define ROW(symbol, name, rule, fail) extern const struct every_case case_##symbol;
#include "../../detector/calls_rows.h"
#undef ROW
#define SYSCALL(number, call, rule, when, argument)                                                \
    extern const struct every_case case_SYS_##number;
#include "../../shim/syscalls.def"
#undef SYSCALL

enum of_call {
#define ROW(symbol, name, rule, fail) ROW_##symbol,
#include "../../detector/calls_rows.h"
#undef ROW
};

static const struct row rows[] = {
#define ROW(symbol, name, rule, fail) {#symbol, name, #rule, #fail, &case_##symbol},
#include "../../detector/calls_rows.h"
#undef ROW
};

/* A number's failure is syscall()'s, its name and rule are those it stands for. */
static const struct {
    const char *symbol;
    enum of_call call;
    const char *rule;
    const struct every_case *is;
} numbers[] = {
#define SYSCALL(number, call, rule, when, argument)                                                \
    {"SYS_" #number, ROW_##call, #rule, &case_SYS_##number},
#include "../../shim/syscalls.def"
#undef SYSCALL
};

struct outcome {
    struct row row;
    const struct world *world;
    int index;
    long value;
    int error;
    int wanted_error;
    int happened; /* -1: can't be seen */
    char argument[2 * LONGEST];
};

const char *every_folder;
static int folder;
static struct outcome outcomes[MOST];
static int outcome_count;

/* The call under way. */
static struct trial trial;
static const struct every_case *calling;
static int calling_in; /* which of its worlds */
static long value;
static int error;
static atomic_bool posted, begun, over, stop;
static sem_t done;

bool call_is_over(void)
{
    return over;
}

/* One function for each place among the worlds: the same call in two worlds is two sites. */
#define IN(n)                                                                                      \
    long in_situation_##n(void);                                                                   \
    __attribute__((noinline)) long in_situation_##n(void)                                          \
    {                                                                                              \
        return calling->call(&trial);                                                              \
    }
IN(0)
IN(1) IN(2) IN(3) IN(4) IN(5) IN(6) IN(7) IN(8) IN(9) IN(10) IN(11)

    static long (*const situations[MOST_WORLDS])(void) = {
        in_situation_0, in_situation_1, in_situation_2, in_situation_3,
        in_situation_4, in_situation_5, in_situation_6, in_situation_7,
        in_situation_8, in_situation_9, in_situation_10, in_situation_11,
};

static void make_call(void)
{
    trial.caller = pthread_self();
    trial.caller_tid = (int)syscall(SYS_gettid);
    begun = true;
    errno = CANARY;
    value = situations[calling_in]();
    error = errno;
    over = true;
    sem_post(&done);
}

/* --- the two kinds of thread ------------------------------------------------------------------ */

static int wake_up;

static void *run_loop(void *unused)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int loop = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(loop, EPOLL_CTL_ADD, wake_up, &event);
    while (epoll_wait(loop, &event, 1, -1) != 1 || !stop)
        if (atomic_exchange(&posted, false) && !stop)
            make_call();
    return unused;
}

static void *run_once(void *unused)
{
    make_call();
    return unused;
}

static void call_on_loop(void)
{
    uint64_t one = 1;
    posted = true;
    if (write(wake_up, &one, sizeof one) != sizeof one)
        abort();
}

/* --- one situation ---------------------------------------------------------------------------- */

void argue(struct trial *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(t->argument, sizeof t->argument, format, list);
    va_end(list);
}

void argue_fd(struct trial *t, int fd)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, t->argument, sizeof t->argument - 1);
    t->argument[length > 0 ? length : 0] = '\0';
}

void pause_ms(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static bool caller_sleeps(void)
{
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", trial.caller_tid);
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    close(fd);
    const char *state = length > 0 ? strrchr(line, ')') : NULL;
    return state && state[2] == 'S';
}

void wait_for_call(struct trial *t)
{
    (void)t;
    while (!begun)
        pause_ms(1);
    for (int i = 0; i < 50 && !over && !caller_sleeps(); i++)
        pause_ms(1);
}

static void prepare(const struct row *row, const struct world *world)
{
    memset(&trial, 0, sizeof trial);
    memset(trial.buffer, 0xaa, sizeof trial.buffer);
    trial.symbol = row->symbol;
    trial.folder = folder;
    trial.fd = trial.to = trial.got = -1;
    snprintf(trial.path, sizeof trial.path, "%s/%s-%s", every_folder, row->symbol, world->name);
    snprintf(trial.other, sizeof trial.other, "%s/%s-%s.other", every_folder, row->symbol,
             world->name);
    trial.name = trial.path + strlen(every_folder) + 1;
    trial.other_name = trial.other + strlen(every_folder) + 1;
    trial.part = (struct iovec){trial.buffer, 4};
    clock_gettime(CLOCK_REALTIME, &trial.until);
    clock_gettime(CLOCK_MONOTONIC, &trial.until_monotonic);
    trial.until.tv_sec += 20;
    trial.until_monotonic.tv_sec += 20;
    if (world->prepare)
        world->prepare(&trial);
}

static void try(const struct row *row, int index, bool on_loop)
{
    const struct world *world = row->is->worlds[index];
    pthread_t thread;
    prepare(row, world);
    begun = over = false;
    calling = row->is;
    calling_in = index;
    if (on_loop)
        call_on_loop();
    else
        pthread_create(&thread, NULL, run_once, NULL);
    if (world->meanwhile) {
        wait_for_call(&trial);
        if (world->takes_long)
            pause_ms(40);
        world->meanwhile(&trial);
    }
    while (sem_wait(&done) != 0)
        continue;
    if (!on_loop)
        pthread_join(thread, NULL);
    if (outcome_count == MOST)
        abort();
    struct outcome *outcome = &outcomes[outcome_count++];
    *outcome = (struct outcome){*row, world, index, value, error, trial.error, -1, ""};
    if (world->happened)
        outcome->happened = world->happened(&trial);
    strcpy(outcome->argument, trial.argument);
    if (world->clean)
        world->clean(&trial);
    close_all(&trial);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Reports make one place of what one line calls, whoever called the function: a run with
 * EVERY_CALL_WORLD=N makes each call in its Nth world alone. */
static bool is_wanted_world(int index)
{
    const char *wanted = getenv("EVERY_CALL_WORLD");
    return !wanted || atoi(wanted) == index;
}

static bool is_wanted(const char *symbol, int argc, char **argv)
{
    for (int i = 3; i < argc; i++)
        if (strcmp(symbol, argv[i]) == 0)
            return true;
    return argc <= 3;
}

static void try_all(const struct row *row, bool on_loop)
{
    for (int i = 0; row->is->worlds[i]; i++)
        if (is_wanted_world(i))
            try(row, i, on_loop);
}

static void try_rows(int argc, char **argv, bool on_loop)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_wanted(rows[i].symbol, argc, argv))
            try_all(&rows[i], on_loop);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const struct row *as = &rows[numbers[i].call];
        struct row row = {numbers[i].symbol, as->name, numbers[i].rule, "minus_one", numbers[i].is};
        if (is_wanted(row.symbol, argc, argv))
            try_all(&row, on_loop);
    }
}

static void write_string(FILE *to, const char *key, const char *text)
{
    fprintf(to, "\"%s\": \"", key);
    for (; *text; text++)
        fprintf(to, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    fprintf(to, "\", ");
}

static void write_outcome(FILE *to, const struct outcome *outcome)
{
    static const char *const verdicts[] = {"counts", "if_slow", "silent"};
    fprintf(to, "{");
    write_string(to, "symbol", outcome->row.symbol);
    write_string(to, "function", outcome->row.name);
    write_string(to, "rule", outcome->world->rule ? outcome->world->rule : outcome->row.rule);
    write_string(to, "fail", outcome->row.fail);
    write_string(to, "world", outcome->world->name);
    write_string(to, "verdict", verdicts[outcome->world->verdict]);
    write_string(to, "argument", outcome->argument);
    fprintf(to, "\"index\": %d, \"takes_long\": %d, ", outcome->index, outcome->world->takes_long);
    fprintf(to, "\"value\": %ld, \"errno\": %d, \"wanted_errno\": %d, \"happened\": %d}\n",
            outcome->value, outcome->error, outcome->wanted_error, outcome->happened);
}

static int become_another(const char *symbol)
{
    static char name[] = "echo", word[] = "became";
    static char *const words[] = {name, word, name, NULL};
    struct epoll_event event;
    int echo = open("/bin/echo", O_RDONLY | O_CLOEXEC);
    epoll_wait(epoll_create1(EPOLL_CLOEXEC), &event, 1, 0);
    if (strcmp(symbol, "execve") == 0)
        execve("/bin/echo", words, environ);
    if (strcmp(symbol, "execv") == 0)
        execv("/bin/echo", words);
    if (strcmp(symbol, "execvp") == 0)
        execvp("echo", words);
    if (strcmp(symbol, "execvpe") == 0)
        execvpe("echo", words, environ);
    if (strcmp(symbol, "fexecve") == 0)
        fexecve(echo, words, environ);
    if (strcmp(symbol, "execl") == 0)
        execl("/bin/echo", name, word, name, NULL);
    if (strcmp(symbol, "execlp") == 0)
        execlp("echo", name, word, name, NULL);
    if (strcmp(symbol, "execle") == 0)
        execle("/bin/echo", name, word, name, NULL, environ);
    if (strcmp(symbol, "daemon") == 0 && daemon(1, 1) == 0)
        execv("/bin/echo", words);
    return errno;
}

static void ignore(int number)
{
    (void)number;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "exec") == 0)
        return become_another(argv[2]);
    if (argc < 3)
        return 2;
    bool on_loop = strcmp(argv[1], "on") == 0;
    every_folder = argv[2];
    folder = open(every_folder, O_RDONLY | O_DIRECTORY);
    FILE *report = fdopen(dup(STDOUT_FILENO), "w");
    char path[LONGEST];
    snprintf(path, sizeof path, "%s/stdout", every_folder);
    if (folder < 0 || !report || !freopen(path, "w+", stdout))
        return 2;
    setsid(); /* no terminal: getpass() would ask there */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGUSR1, ignore);
    signal(SIGUSR2, ignore);
    signal(SIGPIPE, SIG_IGN);
    sem_init(&done, 0, 0);
    wake_up = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_t loop;
    if (on_loop)
        pthread_create(&loop, NULL, run_loop, NULL);
    try_rows(argc, argv, on_loop);
    stop = true;
    if (on_loop) {
        call_on_loop();
        pthread_join(loop, NULL);
    }
    for (int i = 0; i < outcome_count; i++)
        write_outcome(report, &outcomes[i]);
    return fclose(report) == 0 ? 0 : 1;
}
