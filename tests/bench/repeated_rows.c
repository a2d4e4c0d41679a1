/* SPDX-License-Identifier: MIT */
/* Time of one call on a loop, again and again from the same place, for a row of each kind: "NAME NANOSECONDS" a line, the
 * best of the runs, since others use the machine too. scripts/bench compares it with and without the library. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 5000, RUNS = 15 };

static int file;    /* a regular one */
static int waiting; /* a socket in non-blocking mode, with nothing to read */
static int talking; /* one in blocking mode, with something to read each time */
static int other;
static char byte;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t semaphore;
static struct stat status;
static FILE *stream; /* that nobody reads */

static void counted_stat(void) { stat("/etc/hostname", &status); }
static void counted_open(void) { close(open("/etc/hostname", O_RDONLY)); }
static void counted_recv(void) { send(other, &byte, 1, MSG_DONTWAIT); recv(talking, &byte, 1, 0); }
static void if_slow_pread(void) { pread(file, &byte, 1, 0); }
static void if_slow_pwrite(void) { pwrite(file, &byte, 1, 0); }
static void if_slow_fstat(void) { fstat(file, &status); }
static void if_slow_fprintf(void) { fprintf(stream, "%d\n", 7); }
static void silent_putc(void) { putc(7, stream); }
static void silent_recv(void) { recv(waiting, &byte, 1, 0); }
static void silent_poll(void) { poll(NULL, 0, 0); }
static void free_mutex(void) { pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex); }
static void free_semaphore(void) { sem_wait(&semaphore); sem_post(&semaphore); }

static const struct {
    const char *name;
    void (*call)(void);
} rows[] = {
    {"counted-stat", counted_stat},     {"counted-open", counted_open},     {"counted-recv", counted_recv},
    {"if-slow-pread", if_slow_pread},   {"if-slow-pwrite", if_slow_pwrite}, {"silent-recv", silent_recv},
    {"if-slow-fstat", if_slow_fstat},   {"if-slow-fprintf", if_slow_fprintf}, {"silent-putc", silent_putc},
    {"silent-poll", silent_poll},       {"free-mutex", free_mutex},         {"free-semaphore", free_semaphore},
};

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static double best_of(void (*call)(void))
{
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        long long start = now();
        for (int i = 0; i < CALLS; i++)
            call();
        double each = (double)(now() - start) / CALLS;
        best = each < best ? each : best;
    }
    return best;
}

int main(void)
{
    char name[] = "/tmp/offloop-bench-XXXXXX";
    int pair[2];
    struct epoll_event event;
    file = mkstemp(name);
    unlink(name);
    if (file < 0 || write(file, "x", 1) != 1 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        return 1;
    waiting = pair[0];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 1;
    talking = pair[0];
    other = pair[1];
    stream = fopen("/dev/null", "w");
    sem_init(&semaphore, 0, 1);
    double times[sizeof rows / sizeof *rows];
    int loop = epoll_create1(EPOLL_CLOEXEC);
    epoll_wait(loop, &event, 1, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        times[i] = best_of(rows[i].call);
    close(loop);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf("%s %.1f\n", rows[i].name, times[i]);
    return 0;
}
