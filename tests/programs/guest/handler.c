/* SPDX-License-Identifier: MIT */
/* A storm of signals whose handler makes wrapped calls, while sites are made and waits are entered. */
#include "turn.h"
#include <sys/time.h>

static volatile sig_atomic_t storms;

static void storm(int number)
{
    int saved = errno;
    struct stat status;
    (void)number;
    stat("/etc/hosts", &status);
    close(open("/etc/hosts", O_RDONLY));
    storms++;
    errno = saved;
}

#define ONE { struct stat s; stat("/etc/passwd", &s); if (access("/none", 0) != -1 || errno != ENOENT) abort(); }
#define TEN ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE

int main(void)
{
    struct sigaction action = {.sa_handler = storm, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 150}, {0, 150}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 200 || storms < 500; i++) {
        turn();
        TEN TEN TEN
        struct epoll_event event;
        epoll_wait(epfd, &event, 1, 1);
    }
    often = (struct itimerval){{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    puts("weathered");
}
