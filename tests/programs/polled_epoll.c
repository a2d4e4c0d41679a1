/* SPDX-License-Identifier: MIT */
/* Waits for an epoll descriptor by other functions than epoll_wait(), in the way argv[1] names, and
 * reads a file after each: /etc/turn in a turn, /etc/none outside of any. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static int epoll, ends[2];

static void work(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd >= 0)
        close(fd);
}

static int wait_by_poll(int fd, int ms)
{
    struct pollfd set[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    return poll(set, 2, ms);
}

static void by_poll(void)
{
    for (int i = 0; i < 3; i++) {
        wait_by_poll(epoll, 1);
        work("/etc/turn");
    }
}

static void by_ppoll(void)
{
    struct pollfd set = {.fd = epoll, .events = POLLIN};
    for (int i = 0; i < 3; i++) {
        ppoll(&set, 1, &(struct timespec){0, 1000000}, NULL);
        work("/etc/turn");
    }
}

static void by_select(void)
{
    for (int i = 0; i < 3; i++) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(ends[0], &set);
        FD_SET(epoll, &set);
        select((epoll > ends[0] ? epoll : ends[0]) + 1, &set, NULL, NULL,
               &(struct timeval){0, 1000});
        work("/etc/turn");
    }
}

/* As EventMachine does. */
static void by_poll_and_epoll_wait(void)
{
    struct epoll_event event;
    for (int i = 0; i < 3; i++) {
        if (wait_by_poll(epoll, 1) >= 0)
            epoll_wait(epoll, &event, 1, 0);
        work("/etc/turn");
    }
}

static void after_plain_polls(void)
{
    for (int i = 0; i < 3; i++)
        wait_by_poll(ends[0], 1);
    work("/etc/none");
    by_poll();
}

static void *loop(void *unused)
{
    by_poll();
    return NULL;
}

static void in_another_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, loop, NULL);
    pthread_join(thread, NULL);
    work("/etc/none");
}

static void after_a_look(void)
{
    wait_by_poll(epoll, 0);
    work("/etc/none");
}

static void after_waits_for_others(void)
{
    for (int i = 0; i < 3; i++) {
        wait_by_poll(ends[0], 1);
        work("/etc/none");
    }
}

static void after_it_was_closed(void)
{
    by_poll();
    close(epoll);
    work("/etc/none");
    ends[1] = dup(ends[0]); /* maybe at the same number */
    wait_by_poll(ends[1], 1);
    work("/etc/none");
}

static const struct {
    const char *name;
    void (*play)(void);
} scenes[] = {
    {"by_poll", by_poll},
    {"by_ppoll", by_ppoll},
    {"by_select", by_select},
    {"by_poll_and_epoll_wait", by_poll_and_epoll_wait},
    {"after_plain_polls", after_plain_polls},
    {"in_another_thread", in_another_thread},
    {"after_it_was_closed", after_it_was_closed},
    {"after_a_look", after_a_look},
    {"after_waits_for_others", after_waits_for_others},
};

int main(int argc, char **argv)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (pipe(ends) != 0)
        return 1;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (strcmp(scenes[i].name, argv[argc - 1]) == 0)
            scenes[i].play();
    return 0;
}
