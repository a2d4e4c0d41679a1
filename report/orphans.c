/* SPDX-License-Identifier: MIT */
/* The children of this process. The kernel has a list of them; where it was
 * built without (CONFIG_PROC_CHILDREN), /proc is walked for those whose parent we are. */
#include "orphans.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alive.h"
#include "pool.h"
#include "say.h"

static size_t add(struct obstack *pool, pid_t **pids, size_t count, pid_t pid)
{
    if ((count & (count + 1)) == 0) { /* full at 0, 1, 3, 7, …: twice the room */
        pid_t *more = ol_pool_array(pool, 2 * count + 1, sizeof *more);
        if (count)
            memcpy(more, *pids, count * sizeof *more);
        *pids = more;
    }
    (*pids)[count] = pid;
    return count + 1;
}

static pid_t parent_of(pid_t pid)
{
    char path[64], line[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    const char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (end)
        sscanf(end, ") %*c %d", &parent); /* the name before may have any bytes */
    fclose(file);
    return parent;
}

static size_t walk(struct obstack *pool, pid_t **pids)
{
    size_t count = 0;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && parent_of(pid) == getpid())
            count = add(pool, pids, count, pid);
    }
    if (processes)
        closedir(processes);
    return count;
}

size_t ol_orphans_list(struct obstack *pool, pid_t **pids)
{
    char path[64];
    size_t count = 0;
    int pid;
    *pids = NULL;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (!file)
        return walk(pool, pids);
    while (fscanf(file, "%d", &pid) == 1)
        count = add(pool, pids, count, pid);
    fclose(file);
    return count;
}

const char *ol_orphans_name(struct obstack *pool, pid_t pid)
{
    char name[OL_ALIVE_NAME];
    ol_alive_name(pid, name);
    return *name ? ol_pool_string(pool, name) : "?";
}
