/* SPDX-License-Identifier: MIT */
/* A loop with a few sites; says what it sees of itself: environment, arguments, descriptors, signal mask and handlers. */
#include "turn.h"
#include <locale.h>

extern char **environ;

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    for (int round = 0; round < 3; round++) {
        turn();
        hit();
        close(open("/etc/hosts", O_RDONLY));
        usleep(10);
    }
    unsigned long sum = 5381;
    for (char **entry = environ; *entry; entry++)
        if (strncmp(*entry, "OFFLOOP_", 8) && strncmp(*entry, "LD_PRELOAD=", 11) && strncmp(*entry, "FAKETIME", 8))
            for (const char *c = *entry; *c; c++)
                sum = sum * 33 + (unsigned char)*c;
    printf("%d arguments, argv[0] %s, environment %lx\n", argc, argv[0] ? argv[0] : "NULL", sum);
    for (int fd = 0; fd < 100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("descriptor %d\n", fd);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        sigset_t mask;
        sigaction(number, NULL, &action);
        sigprocmask(SIG_BLOCK, NULL, &mask);
        if (action.sa_handler != SIG_DFL || sigismember(&mask, number))
            printf("signal %d is not as it was\n", number);
    }
    return 5;
}
