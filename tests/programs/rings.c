/* SPDX-License-Identifier: MIT */
/* Waits for an io_uring by liburing: rings loop | worker | beside | nested MS. 77 where the kernel refuses.
 *   loop    four turns of one stat() each, each begun by another function; then the ring is closed,
 *           and a folder asked about
 *   worker  a thread that reads a file by the ring and waits for it, with a stat() between two reads
 *   beside  the same, then a loop by epoll
 *   nested  in a turn of an epoll loop: waits for a ring, MS milliseconds */
#include <fcntl.h>
#include <liburing.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

static struct io_uring ring;
static struct io_uring_cqe *done;
static struct stat status;

static void start_timer(long ms)
{
    static struct __kernel_timespec time;
    time = (struct __kernel_timespec){.tv_nsec = ms * 1000000};
    io_uring_prep_timeout(io_uring_get_sqe(&ring), &time, 0, 0);
}

static void by_submit_and_wait(void) { io_uring_submit_and_wait(&ring, 1); }
static void by_wait_cqe(void) { io_uring_submit(&ring); io_uring_wait_cqe(&ring, &done); }
static void by_wait_cqes(void) { io_uring_submit(&ring); io_uring_wait_cqes(&ring, &done, 1, NULL, NULL); }
static void by_timeout(void)
{
    struct __kernel_timespec limit = {.tv_sec = 5};
    io_uring_submit_and_wait_timeout(&ring, &done, 1, &limit, NULL);
}

static void loop(void)
{
    void (*const waits[])(void) = {by_submit_and_wait, by_wait_cqe, by_wait_cqes, by_timeout};
    for (int turn = 0; turn < 4; turn++) {
        start_timer(20);
        waits[turn]();
        io_uring_cq_advance(&ring, io_uring_cq_ready(&ring));
        stat("/etc/passwd", &status);
    }
    io_uring_queue_exit(&ring);
    stat("/tmp", &status);
}

static void *worker(void *unused)
{
    char bytes[16];
    int file = open("/etc/passwd", O_RDONLY);
    (void)unused;
    for (int i = 0; i < 5; i++) {
        io_uring_prep_read(io_uring_get_sqe(&ring), file, bytes, sizeof bytes, 0);
        io_uring_submit_and_wait(&ring, 1);
        io_uring_cq_advance(&ring, 1);
        stat("/etc/passwd", &status);
    }
    return NULL;
}

static void by_epoll(long ms)
{
    struct epoll_event event;
    int epoll = epoll_create1(0);
    epoll_wait(epoll, &event, 1, 1);
    if (ms) {
        start_timer(ms);
        by_submit_and_wait();
    }
    epoll_wait(epoll, &event, 1, 1);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc < 2 || io_uring_queue_init(8, &ring, 0) != 0)
        return 77;
    if (strcmp(argv[1], "loop") == 0)
        loop();
    else if (strcmp(argv[1], "nested") == 0)
        by_epoll(argc > 2 ? atol(argv[2]) : 1);
    else if (pthread_create(&thread, NULL, worker, NULL) == 0)
        pthread_join(thread, NULL);
    if (strcmp(argv[1], "beside") == 0)
        by_epoll(0);
    return 0;
}
