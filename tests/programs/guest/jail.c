/* SPDX-License-Identifier: MIT */
/* Drops its rights and its root folder, then becomes a loop and has hits. */
#include "turn.h"
#include <grp.h>

int main(int argc, char **argv)
{
    (void)argc;
    if (chroot(argv[1]) || chdir("/") || setgroups(0, NULL) || setgid(65534) || setuid(65534))
        return 1;
    turn();
    hit();
    puts("jailed");
    DIR *here = opendir("/");
    for (struct dirent *entry; (entry = readdir(here));)
        if (entry->d_name[0] != '.')
            printf("a file: %s\n", entry->d_name);
}
