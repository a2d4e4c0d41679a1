/* SPDX-License-Identifier: MIT */
/* Who still counts into records. The contract is in alive.h. */
#include "alive.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "reader.h"

#define SECOND INT64_C(1000000000)
#define SLACK (2 * SECOND) /* clocks that were set meanwhile, ticks */
#define IN_THE_MAKING 60   /* seconds */

static bool runs(pid_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

static int64_t clock_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

/* When the process began, on the clock of days; INT64_MIN where that is not known. */
static int64_t began(pid_t pid)
{
    char path[64], line[1024];
    unsigned long long ticks;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    const char *end = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (file)
        fclose(file);
    if (!end || sscanf(end,
                       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
                       "%*d %*d %*d %llu",
                       &ticks) != 1)
        return INT64_MIN;
    int64_t since_boot = (int64_t)(ticks * (uint64_t)SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
    return clock_of(CLOCK_REALTIME) - clock_of(CLOCK_BOOTTIME) + since_boot;
}

static bool counts(const struct ol_record *header, const struct ol_process_entry *entry)
{
    int64_t noted = (int64_t)((uint64_t)header->started_realtime_ns + (uint64_t)entry->started_ns -
                              (uint64_t)header->started_ns);
    int64_t process = !entry->ended_ns && runs(entry->pid) ? began(entry->pid) : INT64_MAX;
    return process == INT64_MIN || process <= noted + SLACK;
}

bool ol_alive_record(const char *path)
{
    struct ol_reader reader;
    struct stat status;
    bool alive = false;
    if (!ol_reader_open(&reader, path))
        return stat(path, &status) == 0 && time(NULL) - status.st_mtime < IN_THE_MAKING &&
               !reader.header.magic[0];
    for (uint32_t i = 0; i < reader.sections[OL_SECTION_processes].count && !alive; i++) {
        const struct ol_process_entry *entry = ol_reader_process(&reader, i);
        alive = entry && counts(&reader.header, entry);
    }
    ol_reader_close(&reader);
    return alive;
}

void ol_alive_name(pid_t pid, char name[static OL_ALIVE_NAME])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    name[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file && fgets(name, OL_ALIVE_NAME, file))
        name[strcspn(name, "\n")] = '\0';
    if (file)
        fclose(file);
}

bool ol_alive_named(pid_t pid, const char *name)
{
    char found[OL_ALIVE_NAME];
    ol_alive_name(pid, found);
    return runs(pid) && strcmp(found, name) == 0;
}
