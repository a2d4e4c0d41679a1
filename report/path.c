/* SPDX-License-Identifier: MIT */
/* Paths as text. */
#include "path.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Takes "." and ".." and double '/' out of an absolute path, in place. */
static char *tidy(char *path)
{
    char *to = path;
    for (const char *from = path; *from;) {
        size_t length = strcspn(++from, "/");
        if (length == 2 && from[0] == '.' && from[1] == '.') {
            while (to > path && *--to != '/')
                ;
        } else if (length && !(length == 1 && *from == '.')) {
            *to++ = '/';
            memmove(to, from, length);
            to += length;
        }
        from += length;
    }
    *to = '\0';
    return path;
}

const char *ol_path_absolute(struct obstack *pool, const char *folder, const char *path)
{
    return tidy(*path == '/' ? ol_pool_string(pool, path)
                             : ol_pool_format(pool, "%s/%s", folder, path));
}

const char *ol_path_here(struct obstack *pool)
{
    char *here = getcwd(NULL, 0);
    const char *kept = ol_pool_string(pool, here ? here : "");
    free(here);
    return kept;
}

static bool has_git(const char *folder)
{
    char path[PATH_MAX];
    struct stat status; /* a folder, or a file in linked working trees */
    return snprintf(path, sizeof path, "%s/.git", folder) < (int)sizeof path &&
           stat(path, &status) == 0;
}

const char *ol_path_tree(struct obstack *pool, const char *folder)
{
    char *top = ol_pool_string(pool, folder);
    for (char *slash = top; slash; *slash = '\0') {
        if (has_git(top))
            return top;
        if (!(slash = strrchr(top, '/')))
            break;
    }
    return NULL;
}

const char *ol_path_below(const char *root, const char *path)
{
    size_t length = strlen(root);
    return strncmp(path, root, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static bool is_file_below(const char *root, const char *path)
{
    char whole[PATH_MAX];
    struct stat status;
    return snprintf(whole, sizeof whole, "%s/%s", root, path) < (int)sizeof whole &&
           stat(whole, &status) == 0 && S_ISREG(status.st_mode);
}

const char *ol_path_moved(const char *root, const char *path)
{
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        if (is_file_below(root, slash + 1))
            return slash + 1;
    return NULL;
}

const char *ol_path_end(const char *path, size_t count)
{
    const char *end = path + strlen(path);
    while (end > path && (end[-1] != '/' || --count))
        end--;
    return end;
}

const char *ol_path_after(const char *path, const char *folder)
{
    const char *after = NULL;
    for (const char *at = path; (at = strstr(at, folder)); at++)
        after = at + strlen(folder);
    return after;
}

const char *ol_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

const char *ol_path_folder(struct obstack *pool, const char *path)
{
    const char *slash = strrchr(path, '/');
    return ol_pool_copy(pool, path, slash ? (size_t)(slash - path) : 0);
}
