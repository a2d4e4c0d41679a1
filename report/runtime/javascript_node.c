/* SPDX-License-Identifier: MIT */
/* Node's options, and what V8 leaves behind because of them. */
#include "javascript_node.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../pool.h"
#include "../reader.h"
#include "../say.h"

/* The second makes interpreted functions code of their own; without it they are all one. */
#define NAMES "--perf-basic-prof"
#define FRAMES "--interpreted-frames-native-stack"

bool ol_javascript_is_node(const char *name)
{
    return strcmp(name, "node") == 0 || strcmp(name, "nodejs") == 0;
}

bool ol_javascript_node_prepare(struct obstack *pool)
{
    const char *before = getenv("NODE_OPTIONS"), *log = getenv("OFFLOOP_LOG");
    if (before && strstr(before, NAMES))
        return false;
    bool has = before && *before;
    const char *options = ol_pool_format(pool, "%s%s" NAMES " " FRAMES, has ? before : "",
                                         has ? " " : "");
    setenv("NODE_OPTIONS", options, 1);
    if (!log || strcmp(log, "off") != 0)
        ol_say_line("running node with NODE_OPTIONS=\"%s\", so that functions of JavaScript have "
                    "names (--no-node-options leaves it alone)",
                    options);
    return true;
}

static void remove_ours(const char *path)
{
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid())
        unlink(path);
}

/* "isolate-0x2a40-4711-v8.log" in the folder that the program was started in. */
static void remove_logs(const char *folder, int pid)
{
    char ending[32], path[PATH_MAX];
    DIR *entries = folder ? opendir(folder) : NULL;
    if (!entries)
        return;
    snprintf(ending, sizeof ending, "-%d-v8.log", pid);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *end = strstr(entry->d_name, ending);
        if (strncmp(entry->d_name, "isolate-0x", 10) == 0 && end && !end[strlen(ending)] &&
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path)
            remove_ours(path);
    }
    closedir(entries);
}

static void remove_files_of(const char *record)
{
    struct ol_reader reader;
    char path[64];
    if (!ol_reader_open(&reader, record))
        return;
    const char *folder = ol_reader_string(&reader, reader.header.cwd);
    for (uint32_t i = 0; i < reader.sections[OL_SECTION_processes].count; i++) {
        const struct ol_process_entry *process = ol_reader_process(&reader, i);
        if (!process)
            continue;
        snprintf(path, sizeof path, "/tmp/perf-%d.map", process->pid);
        remove_ours(path);
        remove_logs(folder, process->pid);
    }
    ol_reader_close(&reader);
}

void ol_javascript_node_finish(const struct ol_paths *records)
{
    for (size_t i = 0; i < records->count; i++)
        remove_files_of(records->items[i]);
}
