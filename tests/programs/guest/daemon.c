/* SPDX-License-Identifier: MIT */
/* Becomes a daemon as the books say: two forks, every descriptor closed, 0 to 2 on /dev/null. Then it is a loop. */
#include "turn.h"

int main(int argc, char **argv)
{
    (void)argc;
    if (fork())
        exit(0);
    setsid();
    if (fork())
        exit(0);
    for (int fd = 0; fd < 1024; fd++)
        close(fd);
    open("/dev/null", O_RDWR);
    dup2(0, 1);
    dup2(0, 2);
    turn();
    hit();
    close(epfd);
    epfd = -1;
    turn();
    DIR *own = opendir("/proc/self/fd"); /* 0 to 2, the loop's, its own */
    int count = -2;
    while (readdir(own))
        count++;
    closedir(own);
    FILE *out = fopen(argv[1], "w");
    fprintf(out, "%d descriptors\n", count);
    fclose(out);
}
