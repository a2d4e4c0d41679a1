/* SPDX-License-Identifier: MIT */
/* Finding the preloaded library. */
#include "library.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "pool.h"
#include "say.h"

/* OFFLOOP_LIBDIR is meson's libdir: mostly relative to the prefix, whose bin/ the command is in. */
static const char *const places[] = {
    "../shim/liboffloop.so", /* the build tree */
    OFFLOOP_LIBDIR "/offloop/liboffloop.so",
    OFFLOOP_LIBDIR "/liboffloop.so",
};

static const char *own_folder(struct obstack *pool)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        ol_say_exit(OL_EXIT_OWN, "can't find out where offloop is: /proc/self/exe: %s",
                    strerror(errno));
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    return ol_pool_string(pool, path);
}

/* The path without links and "..", or NULL when nothing readable is there. */
static const char *resolve(struct obstack *pool, const char *path)
{
    char resolved[PATH_MAX];
    return realpath(path, resolved) && access(resolved, R_OK) == 0 ? ol_pool_string(pool, resolved)
                                                                   : NULL;
}

static const char *look(struct obstack *pool)
{
    const char *given = getenv("OFFLOOP_LIBRARY");
    if (given && *given) {
        const char *library = resolve(pool, given);
        if (!library)
            ol_say_exit(OL_EXIT_OWN, "OFFLOOP_LIBRARY: %s: %s", given, strerror(errno));
        return library;
    }
    const char *folder = own_folder(pool);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *path = *places[i] == '/' ? places[i]
                                             : ol_pool_format(pool, "%s/%s", folder, places[i]);
        const char *library = resolve(pool, path);
        if (library)
            return library;
    }
    ol_say_exit(OL_EXIT_OWN,
                "liboffloop.so is missing: looked in %s/../shim and in " OFFLOOP_LIBDIR
                "; install offloop again",
                folder);
}

const char *ol_library_find(struct obstack *pool)
{
    const char *library = look(pool);
    if (strpbrk(library, " :")) /* the dynamic loader splits LD_PRELOAD there and knows no quotes */
        ol_say_exit(
            OL_EXIT_OWN,
            "%s can't be preloaded: its path has a blank or a colon; install offloop elsewhere",
            library);
    return library;
}

const char *ol_library_preload(struct obstack *pool, const char *library, const char *before)
{
    bool others = before && *before;
    return ol_pool_format(pool, "%s%s%s", library, others ? ":" : "", others ? before : "");
}
