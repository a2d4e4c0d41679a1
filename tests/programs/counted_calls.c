/* SPDX-License-Identifier: MIT */
/* A loop thread that makes one blocking call after the other, all at one site, and writes after
 * each how many it has made. For tests that end it in the midst of that.
 *
 *     counted_calls [NUMBER]      (0, the default: until it is killed)
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long most = argc > 1 ? atol(argv[1]) : 0;
    struct epoll_event event;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    epoll_wait(loop, &event, 1, 0);
    for (long count = 1; most == 0 || count <= most; count++) {
        char line[32];
        access("/etc/hosts", R_OK);
        int length = snprintf(line, sizeof line, "%ld\n", count);
        if (write(STDOUT_FILENO, line, (size_t)length) != length)
            return 1;
    }
    close(loop);
    return 0;
}
