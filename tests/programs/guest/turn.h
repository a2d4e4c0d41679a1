/* SPDX-License-Identifier: MIT */
/* What victims share: a loop thread's turn. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int epfd = -1;

/* The thread has waited as loops do: what follows is on the loop. */
static inline void turn(void)
{
    struct epoll_event event;
    if (epfd < 0)
        epfd = epoll_create1(0);
    epoll_wait(epfd, &event, 1, 0);
}

/* A hit of rule `stat`. */
static inline void hit(void)
{
    struct stat status;
    stat("/etc/passwd", &status);
}
