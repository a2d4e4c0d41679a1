/* SPDX-License-Identifier: MIT */
/* every_call: the rows of the families `metadata` and `directory`. */
#include "every_call.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>
#include <wordexp.h>

#define OLD_STAT 1 /* the version that __xstat() and its like are asked for */
extern int __xstat(int version, const char *path, struct stat *status);
extern int __xstat64(int version, const char *path, struct stat64 *status);
extern int __lxstat(int version, const char *path, struct stat *status);
extern int __lxstat64(int version, const char *path, struct stat64 *status);
extern int __fxstatat(int version, int folder, const char *path, struct stat *status, int flags);
extern int __fxstatat64(int version, int folder, const char *path, struct stat64 *status,
                        int flags);
extern ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t room);
extern ssize_t __readlinkat_chk(int folder, const char *path, char *buffer, size_t size,
                                size_t room);
extern char *__realpath_chk(const char *path, char *buffer, size_t room);
extern char *__getcwd_chk(char *buffer, size_t size, size_t room);
extern int __fxstat(int version, int fd, struct stat *status);
extern int __fxstat64(int version, int fd, struct stat64 *status);
extern int __xmknod(int version, const char *path, mode_t mode, dev_t *device);
extern int __xmknodat(int version, int folder, const char *path, mode_t mode, dev_t *device);

/* --- asking about a path ------------------------------------------------------------------------
 */

#define ASKED WORLDS(&asked_path, &no_path, &proc_path)

CASE(stat, ASKED, stat(t->path, (void *)t->buffer))
CASE(stat64, ASKED, stat64(t->path, (void *)t->buffer))
CASE(lstat, ASKED, lstat(t->path, (void *)t->buffer))
CASE(lstat64, ASKED, lstat64(t->path, (void *)t->buffer))
CASE(fstatat, ASKED, fstatat(t->folder, t->name, (void *)t->buffer, 0))
CASE(fstatat64, ASKED, fstatat64(t->folder, t->name, (void *)t->buffer, 0))
CASE(statx, ASKED, statx(t->folder, t->name, 0, STATX_SIZE, (void *)t->buffer))
CASE(__xstat, ASKED, __xstat(OLD_STAT, t->path, (void *)t->buffer))
CASE(__xstat64, ASKED, __xstat64(OLD_STAT, t->path, (void *)t->buffer))
CASE(__lxstat, ASKED, __lxstat(OLD_STAT, t->path, (void *)t->buffer))
CASE(__lxstat64, ASKED, __lxstat64(OLD_STAT, t->path, (void *)t->buffer))
CASE(__fxstatat, ASKED, __fxstatat(OLD_STAT, t->folder, t->name, (void *)t->buffer, 0))
CASE(__fxstatat64, ASKED, __fxstatat64(OLD_STAT, t->folder, t->name, (void *)t->buffer, 0))
CASE(statvfs, ASKED, statvfs(t->path, (void *)t->buffer))
CASE(statvfs64, ASKED, statvfs64(t->path, (void *)t->buffer))
CASE(statfs, ASKED, statfs(t->path, (void *)t->buffer))
CASE(statfs64, ASKED, statfs64(t->path, (void *)t->buffer))

static const struct world open_file = {"file", IF_SLOW, .prepare = there_is_an_open_file,
                                       .happened = buffer_is_filled};
CASE(fstat, WORLDS(&open_file), fstat(t->fd, (void *)t->buffer))
CASE(fstat64, WORLDS(&open_file), fstat64(t->fd, (void *)t->buffer))
CASE(__fxstat, WORLDS(&open_file), __fxstat(OLD_STAT, t->fd, (void *)t->buffer))
CASE(__fxstat64, WORLDS(&open_file), __fxstat64(OLD_STAT, t->fd, (void *)t->buffer))
CASE(fstatfs, WORLDS(&open_file), fstatfs(t->fd, (void *)t->buffer))
CASE(fstatfs64, WORLDS(&open_file), fstatfs64(t->fd, (void *)t->buffer))
CASE(fstatvfs, WORLDS(&open_file), fstatvfs(t->fd, (void *)t->buffer))
CASE(fstatvfs64, WORLDS(&open_file), fstatvfs64(t->fd, (void *)t->buffer))
static const struct world limits = {"file", IF_SLOW, .prepare = there_is_a_file};
CASE(pathconf, WORLDS(&limits), pathconf(t->path, _PC_NAME_MAX))

static const struct world accessed = {"accessed", COUNTS, .prepare = there_is_a_file};
#define ACCESSED WORLDS(&accessed, &no_path, &proc_path)
CASE(access, ACCESSED, access(t->path, R_OK))
CASE(faccessat, ACCESSED, faccessat(t->folder, t->name, R_OK, 0))
CASE(euidaccess, ACCESSED, euidaccess(t->path, R_OK))
CASE(eaccess, ACCESSED, eaccess(t->path, R_OK))

static void there_is_a_link(struct trial *t)
{
    if (symlink("elsewhere", t->path) != 0)
        abort();
    argue(t, "%s", t->path);
}

static const struct world linked = {"link", COUNTS, .prepare = there_is_a_link,
                                    .happened = buffer_is_filled};
#define LINKED WORLDS(&linked, &no_path)
CASE(readlink, LINKED, readlink(t->path, t->buffer, 100))
CASE(readlinkat, LINKED, readlinkat(t->folder, t->name, t->buffer, 100))
CASE(__readlink_chk, LINKED, __readlink_chk(t->path, t->buffer, 100, sizeof t->buffer))
CASE(__readlinkat_chk, LINKED,
     __readlinkat_chk(t->folder, t->name, t->buffer, 100, sizeof t->buffer))

static long put_name(struct trial *t, char *name)
{
    if (name)
        strcpy(t->buffer, name);
    free(name);
    return name != NULL;
}

CASE(realpath, ASKED, realpath(t->path, t->buffer) != NULL)
CASE(__realpath_chk, ASKED, __realpath_chk(t->path, t->buffer, sizeof t->buffer) != NULL)
CASE(canonicalize_file_name, ASKED, put_name(t, canonicalize_file_name(t->path)))

static const struct world working_folder = {"working-folder", IF_SLOW,
                                            .happened = buffer_is_filled};
CASE(getcwd, WORLDS(&working_folder), getcwd(t->buffer, 4096) != NULL)
CASE(get_current_dir_name, WORLDS(&working_folder), put_name(t, get_current_dir_name()))
CASE(__getcwd_chk, WORLDS(&working_folder), __getcwd_chk(t->buffer, 4096, sizeof t->buffer) != NULL)

/* --- the working folder itself: the tests' paths do not start from it */

static char folder_before[LONGEST];

static void another_folder(struct trial *t)
{
    there_is_a_folder(t);
    if (!getcwd(folder_before, sizeof folder_before))
        abort();
    t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool folder_is_another(struct trial *t)
{
    struct stat here, there;
    return stat(".", &here) == 0 && stat(t->path, &there) == 0 && here.st_ino == there.st_ino;
}

static void back_to_the_folder(struct trial *t)
{
    (void)t;
    if (chdir(folder_before) != 0)
        abort();
}

static const struct world changed_folder = {"folder", COUNTS, .prepare = another_folder,
                                            .happened = folder_is_another,
                                            .clean = back_to_the_folder};
static const struct world changed_by_fd = {"folder", IF_SLOW, .prepare = another_folder,
                                           .happened = folder_is_another,
                                           .clean = back_to_the_folder};
CASE(chdir, WORLDS(&changed_folder, &no_path), chdir(t->path))
CASE(fchdir, WORLDS(&changed_by_fd), fchdir(t->fd))

/* --- attributes
 * ----------------------------------------------------------------------------------- */

#define ATTRIBUTE "user.every_call"

static void there_is_an_attribute(struct trial *t)
{
    there_is_an_open_file(t);
    if (fsetxattr(t->fd, ATTRIBUTE, "value", 5, 0) != 0 && errno == ENOTSUP)
        t->error = ENOTSUP; /* not every file system has them */
}

static void attributes_can_be(struct trial *t)
{
    there_is_an_attribute(t);
    fremovexattr(t->fd, ATTRIBUTE);
}

static void no_attributes(struct trial *t)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    t->fd = ends[0];
    t->to = ends[1];
    t->error = ENODATA;
}

static void no_attributes_to_be(struct trial *t)
{
    no_attributes(t);
    t->error = EPERM;
}

static bool attribute_is_there(struct trial *t)
{
    char room[16];
    return t->error || getxattr(t->path, ATTRIBUTE, room, sizeof room) == 5;
}

static bool attribute_is_gone(struct trial *t)
{
    return t->error || !attribute_is_there(t);
}

static bool attribute_was_read(struct trial *t)
{
    return t->error || buffer_is_filled(t);
}

static const struct world attribute = {"attribute", COUNTS, .prepare = there_is_an_attribute,
                                       .happened = attribute_was_read};
static const struct world new_attribute = {"new", COUNTS, .prepare = attributes_can_be,
                                           .happened = attribute_is_there};
static const struct world old_attribute = {"old", COUNTS, .prepare = there_is_an_attribute,
                                           .happened = attribute_is_gone};
static const struct world pipe_attribute = {"pipe", SILENT, .prepare = no_attributes};
static const struct world pipe_set = {"pipe", SILENT, .prepare = no_attributes_to_be};
CASE(getxattr, WORLDS(&attribute, &no_path), getxattr(t->path, ATTRIBUTE, t->buffer, 16))
CASE(lgetxattr, WORLDS(&attribute, &no_path), lgetxattr(t->path, ATTRIBUTE, t->buffer, 16))
CASE(fgetxattr, WORLDS(&attribute, &pipe_attribute), fgetxattr(t->fd, ATTRIBUTE, t->buffer, 16))
CASE(listxattr, WORLDS(&attribute, &no_path), listxattr(t->path, t->buffer, 256))
CASE(llistxattr, WORLDS(&attribute, &no_path), llistxattr(t->path, t->buffer, 256))

/* What a pipe says depends on the machine's security modules: it is tried first. */
static void list_of_a_pipe(struct trial *t)
{
    char room[256];
    no_attributes(t);
    t->error = flistxattr(t->fd, room, sizeof room) < 0 ? errno : 0;
}

static void removed_from_a_pipe(struct trial *t)
{
    no_attributes(t);
    t->error = fremovexattr(t->fd, ATTRIBUTE) < 0 ? errno : 0;
}

static const struct world pipe_list = {"pipe", SILENT, .prepare = list_of_a_pipe};
static const struct world pipe_removed = {"pipe", SILENT, .prepare = removed_from_a_pipe};
CASE(flistxattr, WORLDS(&attribute, &pipe_list), flistxattr(t->fd, t->buffer, 256))
CASE(fremovexattr, WORLDS(&old_attribute, &pipe_removed), fremovexattr(t->fd, ATTRIBUTE))
CASE(setxattr, WORLDS(&new_attribute, &no_path), setxattr(t->path, ATTRIBUTE, "value", 5, 0))
CASE(lsetxattr, WORLDS(&new_attribute, &no_path), lsetxattr(t->path, ATTRIBUTE, "value", 5, 0))
CASE(fsetxattr, WORLDS(&new_attribute, &pipe_set), fsetxattr(t->fd, ATTRIBUTE, "value", 5, 0))
CASE(removexattr, WORLDS(&old_attribute, &no_path), removexattr(t->path, ATTRIBUTE))
CASE(lremovexattr, WORLDS(&old_attribute, &no_path), lremovexattr(t->path, ATTRIBUTE))

/* --- names
 * ------------------------------------------------------------------------------------------ */

static void there_is_one_of_two(struct trial *t)
{
    there_is_a_file(t);
    argue(t, "%s -> %s", t->path, t->other);
}

static void there_is_one_of_two_in_a_folder(struct trial *t)
{
    there_is_a_file(t);
    argue(t, "%s -> %s", t->name, t->other_name);
}

static void the_other_is_to_be_made(struct trial *t)
{
    argue(t, "%s -> %s", t->path, t->other);
}

static void the_other_is_to_be_made_in_a_folder(struct trial *t)
{
    argue(t, "%s -> %s", t->path, t->other_name);
}

static bool other_is_there(struct trial *t)
{
    return exists(t->other);
}

static const struct world renamed = {"renamed", COUNTS, .prepare = there_is_one_of_two,
                                     .happened = other_is_there};
static const struct world renamed_at = {
    "renamed", COUNTS, .prepare = there_is_one_of_two_in_a_folder, .happened = other_is_there};
static const struct world symlinked = {"linked", COUNTS, .prepare = the_other_is_to_be_made,
                                       .happened = other_is_there};
static const struct world symlinked_at = {
    "linked", COUNTS, .prepare = the_other_is_to_be_made_in_a_folder, .happened = other_is_there};
static const struct world old_folder = {"old", COUNTS, .prepare = there_is_a_folder,
                                        .happened = path_is_gone};
static const struct world new_node = {"new", COUNTS, .prepare = there_is_nothing,
                                      .happened = path_is_there};
CASE(rename, WORLDS(&renamed), rename(t->path, t->other))
CASE(renameat, WORLDS(&renamed_at), renameat(t->folder, t->name, t->folder, t->other_name))
CASE(renameat2, WORLDS(&renamed_at), renameat2(t->folder, t->name, t->folder, t->other_name, 0))
CASE(unlink, WORLDS(&old_path), unlink(t->path))
CASE(unlinkat, WORLDS(&old_path), unlinkat(t->folder, t->name, 0))
CASE(remove, WORLDS(&old_path), remove(t->path))
CASE(mkdir, WORLDS(&new_path), mkdir(t->path, 0700))
CASE(mkdirat, WORLDS(&new_path), mkdirat(t->folder, t->name, 0700))
CASE(rmdir, WORLDS(&old_folder), rmdir(t->path))
CASE(link, WORLDS(&renamed), link(t->path, t->other))
CASE(linkat, WORLDS(&renamed_at), linkat(t->folder, t->name, t->folder, t->other_name, 0))
CASE(symlink, WORLDS(&symlinked), symlink(t->path, t->other))
CASE(symlinkat, WORLDS(&symlinked_at), symlinkat(t->path, t->folder, t->other_name))
CASE(mknod, WORLDS(&new_node, &no_path), mknod(t->path, S_IFIFO | 0600, 0))
CASE(mkfifo, WORLDS(&new_node, &no_path), mkfifo(t->path, 0600))
static dev_t no_device;
CASE(mknodat, WORLDS(&new_node, &no_path), mknodat(t->folder, t->name, S_IFIFO | 0600, 0))
CASE(mkfifoat, WORLDS(&new_node, &no_path), mkfifoat(t->folder, t->name, 0600))
CASE(__xmknod, WORLDS(&new_node, &no_path), __xmknod(0, t->path, S_IFIFO | 0600, &no_device))
CASE(__xmknodat, WORLDS(&new_node, &no_path),
     __xmknodat(0, t->folder, t->name, S_IFIFO | 0600, &no_device))

static void folder_with_a_pattern(struct trial *t)
{
    strcat(t->path, "-XXXXXX");
    argue(t, "%s", t->path);
    strcpy(t->other, t->path);
}

static bool folder_has_a_name(struct trial *t)
{
    return strcmp(t->path, t->other) != 0 && exists(t->path);
}

static const struct world named_folder = {"named", COUNTS, .prepare = folder_with_a_pattern,
                                          .happened = folder_has_a_name};
CASE(mkdtemp, WORLDS(&named_folder), mkdtemp(t->path) != NULL)

/* --- rights, owners, times ----------------------------------------------------------------------
 */

static struct stat changed; /* as it was before */

static void it_will_change(struct trial *t)
{
    there_is_an_open_file(t);
    if (stat(t->path, &changed) != 0)
        abort();
}

static void it_is_a_pipe(struct trial *t)
{
    no_attributes(t);
    t->error = 0;
}

static bool has_changed(struct trial *t)
{
    struct stat status;
    return lstat(t->path, &status) == 0 &&
           (status.st_mode != changed.st_mode || status.st_mtime != changed.st_mtime ||
            status.st_uid != changed.st_uid);
}

static const struct world change = {"changed", COUNTS, .prepare = it_will_change,
                                    .happened = has_changed};
static const struct world pipe_changed = {"pipe", SILENT, .prepare = it_is_a_pipe};
static const struct timeval moments[2] = {{1000, 0}, {1000, 0}};
static const struct timespec exact_moments[2] = {{1000, 0}, {1000, 0}};
static const struct utimbuf old_moments = {1000, 1000};

/* The owner can be changed by root only; the same owner by everybody, and then the time of that
 * change is all there is to see. */
static void owner_stays(struct trial *t)
{
    there_is_an_open_file(t);
    if (lstat(t->path, &changed) != 0)
        abort();
    pause_ms(10);
}

static bool has_been_owned(struct trial *t)
{
    struct stat status;
    return lstat(t->path, &status) == 0 && (status.st_ctim.tv_sec != changed.st_ctim.tv_sec ||
                                            status.st_ctim.tv_nsec != changed.st_ctim.tv_nsec);
}

static const struct world own = {"owned", COUNTS, .prepare = owner_stays,
                                 .happened = has_been_owned};
#define CHANGED WORLDS(&change, &no_path)
#define FD_CHANGED WORLDS(&change, &pipe_changed)
CASE(chmod, CHANGED, chmod(t->path, 0400))
CASE(fchmod, FD_CHANGED, fchmod(t->fd, 0400))
CASE(lchmod, CHANGED, lchmod(t->path, 0400))
CASE(fchmodat, CHANGED, fchmodat(t->folder, t->name, 0400, 0))
CASE(chown, WORLDS(&own, &no_path), chown(t->path, geteuid(), getegid()))
CASE(lchown, WORLDS(&own, &no_path), lchown(t->path, geteuid(), getegid()))
CASE(fchown, WORLDS(&own, &pipe_changed), fchown(t->fd, geteuid(), getegid()))
CASE(fchownat, WORLDS(&own, &no_path), fchownat(t->folder, t->name, geteuid(), getegid(), 0))
CASE(utime, CHANGED, utime(t->path, &old_moments))
CASE(utimes, CHANGED, utimes(t->path, moments))
CASE(lutimes, CHANGED, lutimes(t->path, moments))
CASE(futimes, FD_CHANGED, futimes(t->fd, moments))
CASE(futimesat, CHANGED, futimesat(t->folder, t->name, moments))
CASE(futimens, FD_CHANGED, futimens(t->fd, exact_moments))
CASE(utimensat, CHANGED, utimensat(t->folder, t->name, exact_moments, 0))

/* --- folders
 * ---------------------------------------------------------------------------------------- */

static void there_is_a_full_folder(struct trial *t)
{
    char path[2 * LONGEST];
    there_is_a_folder(t);
    snprintf(path, sizeof path, "%s/one", t->path);
    write_file(path, "");
}

static void folder_is_open(struct trial *t)
{
    there_is_a_full_folder(t);
    t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void entries_are_open(struct trial *t)
{
    there_is_a_full_folder(t);
    t->entries = opendir(t->path);
}

static void close_entries(struct trial *t)
{
    if (t->entries) {
        closedir(t->entries);
        t->fd = -1;
    }
}

/* Opening and all reads are one hit. */
static long read_all(DIR *entries)
{
    long count = 0;
    while (entries && readdir(entries))
        count++;
    return count;
}

static long open_and_read(struct trial *t, DIR *entries)
{
    t->entries = entries;
    return read_all(entries);
}

static const struct world listed = {"listed", COUNTS, .prepare = there_is_a_full_folder,
                                    .clean = close_entries};
static const struct world listed_fd = {"listed", COUNTS, .prepare = folder_is_open,
                                       .clean = close_entries};
static const struct world listed_on = {"listed", COUNTS, .prepare = entries_are_open,
                                       .clean = close_entries};
CASE(opendir, WORLDS(&listed, &no_path), open_and_read(t, opendir(t->path)))
CASE(fdopendir, WORLDS(&listed_fd), open_and_read(t, fdopendir(t->fd)))
CASE(readdir, WORLDS(&listed_on), readdir(t->entries) != NULL)
CASE(readdir64, WORLDS(&listed_on), readdir64(t->entries) != NULL)

/* `got` is their count. */
static long count_of(struct trial *t, struct dirent **names)
{
    int count = t->got;
    t->got = -1;
    for (int i = 0; i < count; i++)
        free(names[i]);
    if (count >= 0)
        free(names);
    return count;
}

static struct dirent **names_found;
static struct dirent64 **names64_found;
static const struct world walked = {"walked", COUNTS, .prepare = there_is_a_full_folder};
#define WALKED WORLDS(&walked, &no_path)
CASE(scandir, WALKED,
     (t->got = scandir(t->path, &names_found, NULL, NULL), count_of(t, names_found)))
CASE(scandir64, WALKED,
     (t->got = scandir64(t->path, &names64_found, NULL, NULL), count_of(t, (void *)names64_found)))
CASE(scandirat, WALKED,
     (t->got = scandirat(t->folder, t->name, &names_found, NULL, NULL), count_of(t, names_found)))
CASE(scandirat64, WALKED,
     (t->got = scandirat64(t->folder, t->name, &names64_found, NULL, NULL),
      count_of(t, (void *)names64_found)))

static int see(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    return (void)path, (void)status, (void)kind, (void)walk, 0;
}

static int see_simply(const char *path, const struct stat *status, int kind)
{
    return (void)path, (void)status, (void)kind, 0;
}

CASE(nftw, WALKED, nftw(t->path, see, 4, FTW_PHYS))
CASE(nftw64, WALKED, nftw64(t->path, (__nftw64_func_t)(void *)see, 4, FTW_PHYS))
CASE(ftw, WALKED, ftw(t->path, see_simply, 4))
CASE(ftw64, WALKED, ftw64(t->path, (__ftw64_func_t)(void *)see_simply, 4))

/* The patterns match the folder itself. */
static void there_is_a_match(struct trial *t)
{
    there_is_a_full_folder(t);
    strcat(t->path, "/*");
    argue(t, "%s", t->path);
}

static glob_t found;
static wordexp_t found_words;

static long matches(int result)
{
    long count = result == 0 ? (long)found.gl_pathc : -result;
    globfree(&found);
    return result == GLOB_ABORTED ? GLOB_ABORTED : count - 1;
}

static long words(int result)
{
    long count = result == 0 ? (long)found_words.we_wordc - 1 : result;
    if (result == 0)
        wordfree(&found_words);
    return count;
}

static const struct world matched = {"matched", COUNTS, .prepare = there_is_a_match};
CASE(glob, WORLDS(&matched), matches(glob(t->path, 0, NULL, &found)))
CASE(glob64, WORLDS(&matched), matches(glob64(t->path, 0, NULL, (glob64_t *)(void *)&found)))
CASE(wordexp, WORLDS(&matched), words(wordexp(t->path, &found_words, 0)))

static void there_is_a_tree(struct trial *t)
{
    there_is_a_full_folder(t);
    char *const paths[] = {t->path, NULL};
    t->tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    argue(t, "%s", t->tree->fts_path);
}

static void the_tree_is_at_its_folder(struct trial *t)
{
    there_is_a_tree(t);
    if (!fts_read(t->tree))
        abort();
    argue(t, "%s", t->path);
}

static void close_tree(struct trial *t)
{
    if (t->tree)
        fts_close(t->tree);
}

static const struct world tree = {"tree", COUNTS, .prepare = there_is_a_full_folder,
                                  .clean = close_tree};
static const struct world open_tree = {"tree", COUNTS, .prepare = the_tree_is_at_its_folder,
                                       .clean = close_tree};
CASE(fts_open, WORLDS(&tree),
     (t->tree = fts_open((char *const[]){t->path, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, NULL)) != NULL)
CASE(fts64_open, WORLDS(&tree),
     (t->tree = (FTS *)(void *)fts64_open((char *const[]){t->path, NULL},
                                          FTS_PHYSICAL | FTS_NOCHDIR, NULL)) != NULL)
CASE(fts64_read, WORLDS(&open_tree), fts64_read((FTS64 *)(void *)t->tree) != NULL)
CASE(fts64_children, WORLDS(&open_tree), fts64_children((FTS64 *)(void *)t->tree, 0) != NULL)
CASE(fts_read, WORLDS(&open_tree), fts_read(t->tree) != NULL)
CASE(fts_children, WORLDS(&open_tree), fts_children(t->tree, 0) != NULL)

/* --- by number
 * -------------------------------------------------------------------------------------- */

CASE(SYS_statx, ASKED, syscall(SYS_statx, t->folder, t->name, 0, STATX_SIZE, t->buffer))
CASE(SYS_newfstatat, ASKED, syscall(SYS_newfstatat, t->folder, t->name, t->buffer, 0))
CASE(SYS_faccessat, ACCESSED, syscall(SYS_faccessat, t->folder, t->name, R_OK))
CASE(SYS_renameat2, WORLDS(&renamed_at),
     syscall(SYS_renameat2, t->folder, t->name, t->folder, t->other_name, 0))

static const struct world listed_by_number = {"listed", COUNTS, .prepare = folder_is_open,
                                              .happened = buffer_is_filled};
CASE(SYS_getdents64, WORLDS(&listed_by_number),
     syscall(SYS_getdents64, t->fd, t->buffer, sizeof t->buffer) > 0 ? 1 : -1)
CASE(getdents64, WORLDS(&listed_by_number),
     getdents64(t->fd, t->buffer, sizeof t->buffer) > 0 ? 1 : -1)
CASE(SYS_faccessat2, ACCESSED, syscall(SYS_faccessat2, t->folder, t->name, R_OK, 0))
CASE(SYS_readlinkat, LINKED, syscall(SYS_readlinkat, t->folder, t->name, t->buffer, 100))
CASE(SYS_statfs, ASKED, syscall(SYS_statfs, t->path, t->buffer))
CASE(SYS_unlinkat, WORLDS(&old_path), syscall(SYS_unlinkat, t->folder, t->name, 0))
CASE(SYS_mkdirat, WORLDS(&new_path), syscall(SYS_mkdirat, t->folder, t->name, 0700))
CASE(SYS_mknodat, WORLDS(&new_node, &no_path),
     syscall(SYS_mknodat, t->folder, t->name, S_IFIFO | 0600, 0))
CASE(SYS_linkat, WORLDS(&renamed_at),
     syscall(SYS_linkat, t->folder, t->name, t->folder, t->other_name, 0))
CASE(SYS_symlinkat, WORLDS(&symlinked_at),
     syscall(SYS_symlinkat, t->path, t->folder, t->other_name))
CASE(SYS_fchmodat, CHANGED, syscall(SYS_fchmodat, t->folder, t->name, 0400))
CASE(SYS_fchownat, WORLDS(&own, &no_path),
     syscall(SYS_fchownat, t->folder, t->name, geteuid(), getegid(), 0))
CASE(SYS_utimensat, CHANGED, syscall(SYS_utimensat, t->folder, t->name, exact_moments, 0))
#ifdef SYS_open
CASE(SYS_stat, ASKED, syscall(SYS_stat, t->path, t->buffer))
CASE(SYS_lstat, ASKED, syscall(SYS_lstat, t->path, t->buffer))
CASE(SYS_access, ACCESSED, syscall(SYS_access, t->path, R_OK))
CASE(SYS_readlink, LINKED, syscall(SYS_readlink, t->path, t->buffer, 100))
CASE(SYS_rename, WORLDS(&renamed), syscall(SYS_rename, t->path, t->other))
CASE(SYS_unlink, WORLDS(&old_path), syscall(SYS_unlink, t->path))
CASE(SYS_mkdir, WORLDS(&new_path), syscall(SYS_mkdir, t->path, 0700))
CASE(SYS_rmdir, WORLDS(&old_folder), syscall(SYS_rmdir, t->path))
#endif
