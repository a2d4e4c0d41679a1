/* SPDX-License-Identifier: MIT */
/* A preloaded library whose constructor makes wrapped calls, perhaps before ours has run. */
#include "turn.h"

static __attribute__((constructor)) void early(void)
{
    int fd = open("/etc/hosts", O_RDONLY);
    struct stat status;
    turn();
    DIR *folder = opendir("/etc");
    printf("early: %d %d %d\n", fd >= 0, stat("/etc", &status), folder != NULL);
    closedir(folder);
    close(fd);
    close(epfd);
    epfd = -1;
}
