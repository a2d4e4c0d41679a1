/* SPDX-License-Identifier: MIT */
/* Finding a program and judging whether it can be watched. It is judged before anything is
 * started, because a program that ignores LD_PRELOAD would run unwatched and look clean. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "exit.h"
#include "image.h"
#include "pool.h"
#include "say.h"

#define SCRIPTS_MAX 4 /* the kernel's own limit on interpreters of interpreters */

static int refuse(const char *path, const char *why)
{
    ol_say_line("%s can't be watched: %s", path, why);
    return OL_EXIT_UNWATCHABLE;
}

/* 0, or why the file can't be executed. */
static int executable(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    if (!S_ISREG(status.st_mode))
        return EACCES;
    return access(path, X_OK) == 0 ? 0 : errno;
}

/* The first executable of that name in PATH; else NULL, and `error` tells of the last one that was
 * there at all. */
static const char *search(struct obstack *pool, const char *program, int *error)
{
    const char *rest = getenv("PATH");
    rest = rest ? rest : "/usr/local/bin:/usr/bin:/bin";
    *error = ENOENT;
    while (rest) {
        size_t length = strcspn(rest, ":");
        const char *path = ol_pool_format(pool, "%.*s%s%s", (int)length, rest, length ? "/" : "./",
                                          program);
        int trouble = executable(path);
        if (!trouble)
            return path;
        if (trouble != ENOENT && trouble != ENOTDIR)
            *error = trouble;
        rest = rest[length] ? rest + length + 1 : NULL;
    }
    return NULL;
}

static const char *locate(struct obstack *pool, const char *program, int *error)
{
    if (!strchr(program, '/'))
        return *program ? search(pool, program, error) : (*error = ENOENT, NULL);
    *error = executable(program);
    return *error ? NULL : program;
}

/* Why the kernel would run it in secure mode, where the dynamic loader drops LD_PRELOAD; NULL when
 * it would not. */
static const char *privilege(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && status.st_mode & S_ISUID)
        return "it is setuid, and the system drops preloaded libraries there: watch a copy "
               "without the bit, run as the user it needs";
    if (stat(path, &status) == 0 && status.st_mode & S_ISGID)
        return "it is setgid, and the system drops preloaded libraries there: watch a copy "
               "without the bit, run as the group it needs";
    if (getxattr(path, "security.capability", NULL, 0) > 0)
        return "it has file capabilities, and the system drops preloaded libraries there: watch a "
               "copy of it, run as a user who may";
    return NULL;
}

static int judge_image(const char *path, const struct ol_image *image)
{
    switch (image->kind) {
    case OL_IMAGE_dynamic:
        return 0;
    case OL_IMAGE_static:
        return refuse(
            path,
            "it is a static program, which loads no library: link it dynamically (Go programs: "
            "use Go's execution tracer)");
    case OL_IMAGE_musl:
        return refuse(
            path, "it is linked to musl, and offloop's library to glibc: watch a build for glibc");
    case OL_IMAGE_32bit:
        return refuse(
            path,
            "it is a 32-bit program, and offloop's library a 64-bit one: watch a 64-bit build");
    case OL_IMAGE_foreign:
        return refuse(path, "it is built for another machine than this offloop");
    case OL_IMAGE_library:
        return refuse(path, "it is a shared library, not a program");
    case OL_IMAGE_damaged:
        return refuse(path, "it is damaged: the file ends before the segments that it announces");
    case OL_IMAGE_unreadable:
        return refuse(path, "it can't be read: offloop has to look into it first");
    default:
        return refuse(
            path,
            "it is neither an ELF program nor a script that begins with #!: start it through its "
            "interpreter, "
            "as in: offloop run -- sh FILE");
    }
}

/* The program that `env` would start; scripts say "#!/usr/bin/env python3", with -S and variables
 * before it at times. */
static const char *started_by_env(struct obstack *pool, const char *arguments)
{
    char *rest = ol_pool_string(pool, arguments), *state = NULL;
    for (char *word = strtok_r(rest, " \t", &state); word; word = strtok_r(NULL, " \t", &state))
        if (*word != '-' && !strchr(word, '='))
            return word;
    return NULL;
}

static int judge(struct ol_target *target, struct obstack *pool, const char *path, int depth);

static int judge_script(struct ol_target *target, struct obstack *pool, const char *path,
                        const struct ol_image *image, int depth)
{
    const char *base = strrchr(image->interpreter, '/');
    const char *program = strcmp(base ? base + 1 : image->interpreter, "env") == 0 &&
                                  image->arguments
                              ? started_by_env(pool, image->arguments)
                              : NULL;
    int error;
    program = program ? program : image->interpreter;
    if (depth == SCRIPTS_MAX)
        return refuse(path, "it is a script of a script of a script of a script");
    const char *found = locate(pool, program, &error);
    if (!found) {
        ol_say_line("%s can't be run: its interpreter %s: %s", path, program, strerror(error));
        return OL_EXIT_UNWATCHABLE;
    }
    return judge(target, pool, found, depth + 1);
}

static int judge(struct ol_target *target, struct obstack *pool, const char *path, int depth)
{
    struct ol_image image;
    ol_image_read(&image, pool, path);
    if (image.kind == OL_IMAGE_script) /* the kernel ignores setuid bits on scripts */
        return judge_script(target, pool, path, &image, depth);
    const char *why = privilege(path);
    if (why)
        return refuse(path, why);
    target->image = path;
    target->sanitizer = image.sanitizer;
    target->sets_asan_options = image.sanitizer && image.sets_asan_options;
    return judge_image(path, &image);
}

int ol_target_find(struct ol_target *target, struct obstack *pool, const char *program)
{
    int error;
    *target = (struct ol_target){.path = locate(pool, program, &error)};
    if (target->path)
        return judge(target, pool, target->path, 0);
    bool missing = error == ENOENT || error == ENOTDIR;
    if (missing)
        ol_say_line("%s: %s", program,
                    strchr(program, '/') ? strerror(error) : "not found in PATH");
    else
        ol_say_line("%s can't be run: %s", program, strerror(error));
    return missing ? OL_EXIT_NOT_FOUND : OL_EXIT_UNWATCHABLE;
}
