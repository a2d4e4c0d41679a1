/* Folders of runs. Called by run.c. Records are private: their arguments can be secret, so folders
 * are 0700. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exit.h"
#include "pool.h"
#include "reader.h"
#include "say.h"
#include "setting.h"

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

static void begin_private(struct ol_session *session, struct obstack *pool, int error)
{
    const char *temporary = getenv("TMPDIR");
    char *folder = ol_pool_format(pool, "%s/offloop-XXXXXX",
                                  temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        ol_say_exit(OL_EXIT_OWN, "no folder for records: %s: %s; %s: %s", session->folder,
                    strerror(error), folder, strerror(errno));
    ol_say_line("%s: %s; recording into %s", session->folder, strerror(error), folder);
    session->folder = ol_setting_absolute(pool, folder);
    session->base = NULL;
}

void ol_session_begin(struct ol_session *session, struct obstack *pool, const char *out)
{
    *session = (struct ol_session){0};
    if (out) {
        session->folder = ol_setting_absolute(pool, out);
        if (!make_folders(pool, session->folder))
            ol_say_exit(OL_EXIT_USAGE, "--out: %s: %s", session->folder, strerror(errno));
        ol_folder_list(&session->before, pool, session->folder);
        return;
    }
    char stamp[32];
    time_t now = time(NULL);
    const char *base = getenv("OFFLOOP_OUT");
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H%M%S", gmtime(&now));
    session->base = ol_setting_absolute(pool, base && *base ? base : "offloop-out");
    session->folder = ol_pool_format(pool, "%s/%s-%d", session->base, stamp, (int)getpid());
    if (!make_folders(pool, session->folder))
        begin_private(session, pool, errno);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
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

void ol_session_end(struct ol_session *session, const struct ol_paths *records, bool in_use)
{
    for (size_t i = 0; i < records->count && !in_use; i++)
        if (is_empty(records->items[i]))
            unlink(records->items[i]);
    /* rmdir takes empty folders only, which is what is wanted */
    if (!in_use && session->base && rmdir(session->folder) == 0)
        rmdir(session->base);
    ol_folder_free(&session->before);
}
