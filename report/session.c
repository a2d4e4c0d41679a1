/* SPDX-License-Identifier: MIT */
/* Folders of runs. Records are private: their arguments can be secret, so folders
 * are 0700. */
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alive.h"
#include "detector/trust.h"
#include "exit.h"
#include "pool.h"
#include "reader.h"
#include "runs.h"
#include "say.h"
#include "setting.h"
#include "shrink.h"

/* Like mkdir -p. */
static bool make_folders(struct obstack *pool, const char *path)
{
    char *part = ol_pool_string(pool, path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    struct stat status;
    if (mkdir(part, 0700) == 0)
        return true;
    if (errno == EEXIST && stat(part, &status) == 0 && !S_ISDIR(status.st_mode))
        errno = ENOTDIR;
    return errno == EEXIST && access(part, W_OK | X_OK) == 0;
}

static void begin_private(struct ol_session *session, struct obstack *pool, const char *why)
{
    const char *temporary = getenv("TMPDIR");
    char *folder = ol_pool_format(pool, "%s/offloop-XXXXXX",
                                  temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        ol_say_exit(OL_EXIT_OWN, "no folder for records: %s; %s: %s", why, folder, strerror(errno));
    ol_say_line("%s; recording into %s", why, folder);
    session->folder = ol_setting_absolute(pool, folder);
    session->base = NULL;
}

/* Where others may write, what we read back could be theirs. */
static bool refuse(struct ol_session *session, struct obstack *pool, const char *folder)
{
    const char *why = ol_trust_folder(folder);
    if (why)
        begin_private(session, pool, ol_pool_format(pool, "%s %s", folder, why));
    return why;
}

/* The library follows no link to its folder. */
static const char *resolved(struct obstack *pool, const char *folder)
{
    char *real = realpath(folder, NULL);
    const char *kept = real ? ol_pool_string(pool, real) : folder;
    free(real);
    return kept;
}

void ol_session_begin(struct ol_session *session, struct obstack *pool, const char *out)
{
    *session = (struct ol_session){.began = time(NULL)};
    if (out) {
        session->folder = ol_setting_absolute(pool, out);
        if (refuse(session, pool, session->folder))
            return;
        if (!make_folders(pool, session->folder))
            ol_say_exit(OL_EXIT_USAGE, "--out: %s: %s", session->folder, strerror(errno));
        session->folder = resolved(pool, session->folder);
        ol_folder_list(&session->before, pool, session->folder);
        return;
    }
    char stamp[32];
    time_t now = time(NULL);
    const char *base = getenv("OFFLOOP_OUT");
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H%M%S", gmtime(&now));
    session->base = ol_setting_absolute(pool, base && *base ? base : OL_RECORD_FOLDER);
    session->folder = ol_pool_format(pool, "%s/%s-%d", session->base, stamp, (int)getpid());
    if (refuse(session, pool, session->base))
        return;
    if (!make_folders(pool, session->folder))
        begin_private(session, pool,
                      ol_pool_format(pool, "%s: %s", session->folder, strerror(errno)));
    else if (!base || !*base)
        ol_runs_hide(pool, session->base);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The record of a process that had given up the right to write where we said: it names our folder.
 */
static bool is_of(const struct ol_session *session, const char *path)
{
    struct ol_reader reader;
    struct stat status;
    bool found = false;
    if (stat(path, &status) != 0 || status.st_mtime < session->began ||
        !ol_reader_open(&reader, path))
        return false;
    for (uint32_t i = 0; i < reader.sections[OL_SECTION_blind_spots].count && !found; i++) {
        const struct ol_blind_spot_entry *spot = ol_reader_blind_spot(&reader, i);
        const char *what = spot ? ol_reader_string(&reader, spot->what) : NULL;
        const char *why = spot ? ol_reader_string(&reader, spot->why) : NULL;
        found = what && why && strcmp(what, session->folder) == 0 &&
                strcmp(why, OL_RECORD_ELSEWHERE) == 0;
    }
    ol_reader_close(&reader);
    return found;
}

static int is_of_a_user(const struct dirent *entry)
{
    static const char prefix[] = "offloop-";
    const char *digits = entry->d_name + sizeof prefix - 1;
    return strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0 && *digits &&
           !digits[strspn(digits, "0123456789")];
}

static void find_elsewhere(const struct ol_session *session, struct obstack *pool,
                           struct ol_paths *records)
{
    struct dirent **folders;
    struct ol_paths found = {0};
    const char *temporary = getenv("TMPDIR");
    temporary = temporary && *temporary == '/' ? temporary : "/tmp";
    int count = scandir(temporary, &folders, is_of_a_user, alphasort);
    for (int i = 0; i < count; i++) {
        ol_folder_list(&found, pool, ol_pool_format(pool, "%s/%s", temporary, folders[i]->d_name));
        free(folders[i]);
    }
    if (count >= 0)
        free(folders);
    for (size_t i = 0; i < found.count; i++)
        if (is_of(session, found.items[i]))
            ol_folder_add(records, found.items[i]);
    ol_folder_free(&found);
}

void ol_session_records(const struct ol_session *session, struct obstack *pool,
                        struct ol_paths *records)
{
    size_t kept = 0;
    *records = (struct ol_paths){0};
    ol_folder_list(records, pool, session->folder);
    for (size_t i = 0; i < records->count; i++)
        if (!session->before.count ||
            !bsearch(&records->items[i], session->before.items, session->before.count,
                     sizeof *records->items, compare))
            records->items[kept++] = records->items[i];
    records->count = kept;
    find_elsewhere(session, pool, records);
}

static bool is_record_of_nothing(const char *folder, const char *name)
{
    struct stat status;
    char path[PATH_MAX];
    size_t length = strlen(name), suffix = strlen(OL_RECORD_SUFFIX);
    return length > suffix && strcmp(name + length - suffix, OL_RECORD_SUFFIX) == 0 &&
           snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

/* The library leaves an empty file where there is no room for more. Returns how many there were. */
static size_t remove_roomless(DIR *folder, const char *path)
{
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_record_of_nothing(path, entry->d_name))
            count += unlinkat(dirfd(folder), entry->d_name, 0) == 0;
    return count;
}

const char *ol_session_lost(const struct ol_session *session, struct obstack *pool)
{
    DIR *folder = opendir(session->folder);
    if (!folder)
        return errno == ENOENT ? "the folder of the records was removed while the program ran"
                               : NULL;
    size_t count = remove_roomless(folder, session->folder);
    closedir(folder);
    return count ? ol_pool_format(pool, "%zu record%s found no room on %s file system", count,
                                  count == 1 ? "" : "s", count == 1 ? "its" : "their")
                 : NULL;
}

static bool is_empty(const char *path)
{
    struct ol_reader reader;
    bool empty = true;
    if (!ol_reader_open(&reader, path))
        return false;
    for (uint32_t i = 0; empty && i < reader.sections[OL_SECTION_loops].count; i++)
        empty = !ol_reader_loop(&reader, i);
    for (uint32_t i = 0; empty && i < reader.sections[OL_SECTION_sites].count; i++)
        empty = !ol_reader_site(&reader, i);
    empty = empty && !reader.damage_count;
    ol_reader_close(&reader);
    return empty;
}

void ol_session_end(struct ol_session *session, struct obstack *pool,
                    const struct ol_paths *records, bool in_use)
{
    for (size_t i = 0; i < records->count && !in_use; i++)
        if (!is_empty(records->items[i]))
            ol_shrink_record(pool, records->items[i]);
        else if (!ol_alive_record(records->items[i])) /* of another run into the same folder */
            unlink(records->items[i]);
    /* rmdir takes empty folders only, which is what is wanted */
    if (!in_use && session->base && rmdir(session->folder) == 0)
        ol_runs_remove_empty(pool, session->base);
    ol_folder_free(&session->before);
}
