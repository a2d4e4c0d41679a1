/* SPDX-License-Identifier: MIT */
/* A handler that forks interrupts the loop wherever it is. */
#include "turn.h"
#include <sys/time.h>

static volatile sig_atomic_t forks;

static void on_alarm(int number)
{
    int saved = errno;
    (void)number;
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    forks++;
    errno = saved;
}

int main(void)
{
    signal(SIGALRM, on_alarm);
    turn();
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 2000}, {0, 2000}}, NULL);
    while (forks < 200) {
        for (int i = 0; i < 50; i++)
            hit();
        turn();
    }
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    puts("done");
}
