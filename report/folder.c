/* SPDX-License-Identifier: MIT */
/* Folders of records, by fts. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detector/record.h"
#include "pool.h"
#include "say.h"

void ol_folder_free(struct ol_paths *paths)
{
    free(paths->items);
    *paths = (struct ol_paths){0};
}

void ol_folder_add(struct ol_paths *paths, const char *path)
{
    paths->items = ol_say_realloc(paths->items, paths->count + 1, sizeof *paths->items);
    paths->items[paths->count++] = path;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_named_so(const FTSENT *entry)
{
    size_t suffix = strlen(OL_RECORD_SUFFIX);
    return entry->fts_namelen > suffix &&
           strcmp(entry->fts_name + entry->fts_namelen - suffix, OL_RECORD_SUFFIX) == 0;
}

/* A record gets its first bytes last: without them its program has just begun, or was ended before
 * anything could be recorded. */
static bool is_begun(const char *path)
{
    char magic[sizeof OL_RECORD_MAGIC - 1] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return true; /* whoever opens it says why */
    ssize_t size = read(fd, magic, sizeof magic);
    close(fd);
    return size < 0 || memcmp(magic, (char[sizeof magic]){0}, sizeof magic) != 0;
}

static bool is_record(const FTSENT *entry)
{
    return entry->fts_info == FTS_F && is_named_so(entry) && is_begun(entry->fts_accpath);
}

/* What may be a record, or a folder of them, that we may not see: whoever opens it says why. */
static bool is_closed(const FTSENT *entry)
{
    return entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
           (entry->fts_info == FTS_NS && is_named_so(entry));
}

/* A walk of `folder`; NULL and errno when it can't be read. */
static FTS *walk(struct obstack *pool, const char *folder)
{
    char *roots[] = {ol_pool_string(pool, folder), NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW, NULL);
    FTSENT *root = tree ? fts_read(tree) : NULL;
    if (root && root->fts_info == FTS_D)
        return tree;
    int error = root && root->fts_errno ? root->fts_errno : root ? ENOTDIR : errno;
    if (tree)
        fts_close(tree);
    errno = error;
    return NULL;
}

bool ol_folder_list(struct ol_paths *paths, struct obstack *pool, const char *folder)
{
    FTS *tree = walk(pool, folder);
    if (!tree)
        return false;
    size_t before = paths->count;
    for (FTSENT *entry; (entry = fts_read(tree));)
        if (is_record(entry) || is_closed(entry))
            ol_folder_add(paths, ol_pool_copy(pool, entry->fts_path, entry->fts_pathlen));
    fts_close(tree);
    if (paths->count > before)
        qsort(paths->items + before, paths->count - before, sizeof *paths->items, compare);
    return true;
}

static bool newer(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec >= b->tv_nsec);
}

bool ol_folder_newest(struct ol_paths *paths, struct obstack *pool, const char *base)
{
    FTS *tree = walk(pool, base);
    struct timespec newest = {0};
    char *record = NULL;
    bool loose = false;
    for (FTSENT *entry; tree && (entry = fts_read(tree));)
        if (is_record(entry) && newer(&entry->fts_statp->st_mtim, &newest)) {
            newest = entry->fts_statp->st_mtim;
            record = ol_pool_copy(pool, entry->fts_path, entry->fts_pathlen);
            loose = entry->fts_level == 1;
        }
    if (tree)
        fts_close(tree);
    if (!record)
        return false;
    if (loose) {
        ol_folder_add(paths, record);
        return true;
    }
    *strrchr(record, '/') = '\0';
    return ol_folder_list(paths, pool, record);
}
