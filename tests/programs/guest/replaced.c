/* SPDX-License-Identifier: MIT */
/* The loop's descriptor goes without close(): what comes after is no loop any more. */
#include "turn.h"

int main(int argc, char **argv)
{
    turn();
    if (argc > 1 && !strcmp(argv[1], "dup2"))
        dup2(0, epfd);
    else if (argc > 1 && !strcmp(argv[1], "dup3"))
        dup3(0, epfd, O_CLOEXEC);
    else if (argc > 1 && !strcmp(argv[1], "close_range"))
        close_range(3, ~0u, 0);
    else
        closefrom(3);
    hit();
    puts("done");
}
