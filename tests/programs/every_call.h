/* SPDX-License-Identifier: MIT */
/* The test of every row of detector/calls.def and of every number of shim/syscalls.def: what a
 * row's case is made of.
 *
 * A case is one line in the every_call_*.c of its family: CASE(symbol, WORLDS(…), expression). The
 * expression is the call, in terms of `t`; each world is a situation that it is made in: what is
 * there before, what another thread does meanwhile, what can be seen afterwards, and whether the
 * call may block then. A row without a case does not link; a row that is like others needs its line
 * only.
 */
#ifndef EVERY_CALL_H
#define EVERY_CALL_H

#include <dirent.h>
#include <fts.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

enum verdict {
    COUNTS,  /* it may block: a violation on the loop, however long it takes */
    IF_SLOW, /* a violation when it is slow */
    SILENT,  /* it can not block: never one */
};

enum { LONGEST = 512, CANARY = 76 /* errno before the call: ENOTUNIQ, which none of them gives */ };

/* What a call has to work with. Made anew for each situation; paths are inside of the test's
 * folder. */
struct trial {
    const char *symbol;
    char path[LONGEST];
    char other[LONGEST];
    const char *name; /* the same, from `folder` */
    const char *other_name;
    int folder;
    int fd;
    int to;
    int flags;
    int got; /* a descriptor that the call gave */
    FILE *stream;
    FILE *got_stream;
    DIR *entries;
    FTS *tree;
    pid_t pid;
    pthread_t thread;
    const char *host;
    struct sockaddr_in address;
    struct timespec time;
    struct timespec until; /* 100 ms from now: CLOCK_REALTIME */
    struct timespec until_monotonic;
    void *lock;
    char buffer[16384]; /* all 0xaa before the call */
    struct iovec part;
    struct pollfd poll;
    char command[2 * LONGEST];
    char argument[2 * LONGEST]; /* what a violation is to show */
    int error;                  /* the errno that the real call gives, 0 for success */
    pthread_t caller;           /* of the call, and its id */
    int caller_tid;
};

struct world {
    const char *name;
    enum verdict verdict;
    bool takes_long;  /* longer than OFFLOOP_SLOW_MS by default */
    const char *rule; /* where it is another one than the row's */
    void (*prepare)(struct trial *t);
    void (*meanwhile)(struct trial *t); /* while the call waits */
    bool (*happened)(struct trial *t);  /* can be seen that the call did what it is for? */
    void (*clean)(struct trial *t);
};

struct every_case {
    long (*call)(struct trial *t);
    const struct world *const *worlds; /* NULL at the end */
};

#define WORLDS(...) ((const struct world *const[]){__VA_ARGS__, NULL})
#define APART ((const struct world *const[]){NULL}) /* tried by the mode "exec" */

#define CASE(symbol, worlds_of, ...)                                                               \
    long call_##symbol(struct trial *t);                                                           \
    __attribute__((noinline)) long call_##symbol(struct trial *t)                                  \
    {                                                                                              \
        return (long)(__VA_ARGS__);                                                                \
    }                                                                                              \
    extern const struct every_case case_##symbol;                                                  \
    const struct every_case case_##symbol = {call_##symbol, worlds_of};

/* For the worlds of a family. */
extern const char *every_folder;
void argue(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pause_ms(int ms);
void wait_for_call(struct trial *t); /* until the call waits, or is over */
bool call_is_over(void);
void write_file(const char *path, const char *text);
long size_of(const char *path);
bool exists(const char *path);
bool is_untouched(const void *start, size_t size);
void argue_fd(struct trial *t, int fd); /* the descriptor's path */

/* Values of calls: what they gave is kept until after the turn, since closing it is a call too. */
long keep(struct trial *t, int fd);
long keep_stream(struct trial *t, FILE *stream);

/* Worlds that families share; paths are made beforehand. */
void there_is_nothing(struct trial *t);
void there_is_a_file(struct trial *t);
void there_is_a_folder(struct trial *t);
void there_is_an_open_file(struct trial *t);
bool path_is_there(struct trial *t);
bool path_is_gone(struct trial *t);
bool buffer_is_filled(struct trial *t);
void close_all(struct trial *t);
extern const struct world new_path, old_path, asked_path, no_path, proc_path;

#endif
