/* SPDX-License-Identifier: MIT */
/* Runs on the disk. The contract is in runs.h. */
#include "runs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alive.h"
#include "detector/record.h"
#include "detector/unwatched.h"
#include "pool.h"
#include "say.h"

#define IGNORED ".gitignore"
#define IGNORE_ALL "*\n"

/* 2026-11-28T104930-4711: pictured by its digits. The pid, or 0 where it is named otherwise. */
static pid_t pid_of_folder(const char *name)
{
    static const char picture[] = "0000-00-00T000000-";
    size_t length = sizeof picture - 1;
    for (size_t i = 0; i < length; i++)
        if (picture[i] == '0' ? !isdigit((unsigned char)name[i]) : name[i] != picture[i])
            return 0;
    bool digits = name[length] && strspn(name + length, "0123456789") == strlen(name + length);
    return digits && strlen(name) < length + 10 ? atoi(name + length) : 0;
}

static bool is_record_name(const char *name)
{
    size_t length = strlen(name), suffix = strlen(OL_RECORD_SUFFIX);
    return length > suffix && strcmp(name + length - suffix, OL_RECORD_SUFFIX) == 0;
}

/* A record, or a file that was to become one. */
static bool is_content(int folder, const char *name)
{
    char magic[sizeof OL_RECORD_MAGIC - 1] = "", nothing[sizeof magic] = "";
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
    if (fd < 0)
        return false;
    ssize_t size = read(fd, magic, sizeof magic);
    close(fd);
    return size >= 0 && (memcmp(magic, OL_RECORD_MAGIC, sizeof magic) == 0 ||
                         memcmp(magic, nothing, sizeof magic) == 0);
}

static bool is_ours(int folder, const char *name, struct stat *status)
{
    return fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status->st_mode) &&
           status->st_uid == geteuid() &&
           (strcmp(name, OL_UNWATCHED_FILE) == 0 ||
            (is_record_name(name) && is_content(folder, name)));
}

static void add_file(struct obstack *pool, struct ol_kept_run *run, const char *path,
                     const struct stat *status)
{
    bool record = is_record_name(path);
    run->records += record;
    run->bytes += (uint64_t)status->st_blocks * 512;
    if (status->st_mtime > run->last)
        run->last = status->st_mtime;
    run->goes_on = run->goes_on || (record && ol_alive_record(path));
}

static DIR *open_folder(int in, const char *name)
{
    int fd = openat(in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !folder)
        close(fd);
    return folder;
}

static bool look_into(struct obstack *pool, int in, const char *path, struct ol_kept_run *run)
{
    struct stat status;
    DIR *folder = open_folder(in, run->name);
    if (!folder || fstat(dirfd(folder), &status) != 0 || status.st_uid != geteuid()) {
        if (folder)
            closedir(folder);
        return false;
    }
    run->last = status.st_mtime;
    run->goes_on = ol_alive_named(pid_of_folder(run->name), "offloop");
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_ours(dirfd(folder), entry->d_name, &status))
            add_file(pool, run, ol_pool_format(pool, "%s/%s/%s", path, run->name, entry->d_name),
                     &status);
    closedir(folder);
    return true;
}

static bool look_at(struct obstack *pool, int in, const char *path, struct ol_kept_run *run)
{
    struct stat status;
    if (pid_of_folder(run->name)) {
        run->is_folder = true;
        return look_into(pool, in, path, run);
    }
    if (!is_record_name(run->name) || !is_ours(in, run->name, &status))
        return false;
    add_file(pool, run, ol_pool_format(pool, "%s/%s", path, run->name), &status);
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct ol_kept_run *one = a, *other = b;
    if (one->last != other->last)
        return one->last < other->last ? 1 : -1;
    return -strcmp(one->name, other->name);
}

int ol_runs_list(struct obstack *pool, const char *path, struct ol_kept_run **runs, size_t *count)
{
    DIR *folder = opendir(path);
    size_t room = 0;
    *runs = NULL;
    *count = 0;
    if (!folder)
        return -1;
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct ol_kept_run run = {.name = ol_pool_string(pool, entry->d_name)};
        if (!look_at(pool, dirfd(folder), path, &run))
            continue;
        if (*count == room) {
            room = 2 * room + 16;
            *runs = ol_say_realloc(*runs, room, sizeof **runs);
        }
        (*runs)[(*count)++] = run;
    }
    closedir(folder);
    if (*count)
        qsort(*runs, *count, sizeof **runs, compare);
    return 0;
}

static bool remove_files(DIR *folder)
{
    struct stat status;
    int error = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_ours(dirfd(folder), entry->d_name, &status) &&
            unlinkat(dirfd(folder), entry->d_name, 0) != 0)
            error = errno;
    errno = error;
    return !error;
}

bool ol_runs_remove(struct obstack *pool, const char *path, const struct ol_kept_run *run)
{
    const char *name = ol_pool_format(pool, "%s/%s", path, run->name);
    if (!run->is_folder)
        return unlink(name) == 0;
    DIR *folder = open_folder(AT_FDCWD, name);
    bool removed = folder && remove_files(folder);
    int error = errno;
    if (folder)
        closedir(folder);
    rmdir(name); /* unless somebody keeps something there */
    errno = error;
    return removed;
}

void ol_runs_hide(struct obstack *pool, const char *folder)
{
    const char *path = ol_pool_format(pool, "%s/" IGNORED, folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (write(fd, IGNORE_ALL, strlen(IGNORE_ALL)) < 0)
        unlink(path);
    close(fd);
}

static bool is_alone(const char *path)
{
    DIR *folder = opendir(path);
    bool alone = folder;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        alone = alone && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                          strcmp(entry->d_name, IGNORED) == 0);
    if (folder)
        closedir(folder);
    return alone;
}

static bool ignores_all(const char *path)
{
    char words[sizeof IGNORE_ALL] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t size = fd < 0 ? -1 : read(fd, words, sizeof words);
    if (fd >= 0)
        close(fd);
    return size == (ssize_t)strlen(IGNORE_ALL) && memcmp(words, IGNORE_ALL, (size_t)size) == 0;
}

void ol_runs_remove_empty(struct obstack *pool, const char *folder)
{
    const char *path = ol_pool_format(pool, "%s/" IGNORED, folder);
    if (is_alone(folder) && ignores_all(path))
        unlink(path);
    rmdir(folder); /* takes empty folders only, which is what is wanted */
}
