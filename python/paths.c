/* SPDX-License-Identifier: MIT */
/* What a Python file's path shows: whose code it is and its module's name. Pure. Packages of the
 * user's own can't be seen by their folders: there the module is the file's name. */
#include <string.h>

#include "inside.h"

static const char *const frameworks[] = {
#define OL_PY_FRAMEWORK(module) module,
#define OL_PY_BOUNDARY(module, function)
#include "frameworks.def"
#undef OL_PY_FRAMEWORK
#undef OL_PY_BOUNDARY
};

static const struct {
    const char *module, *function;
} boundaries[] = {
#define OL_PY_FRAMEWORK(module)
#define OL_PY_BOUNDARY(module, function) {module, function},
#include "frameworks.def"
#undef OL_PY_FRAMEWORK
#undef OL_PY_BOUNDARY
};

static bool starts(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *string, size_t length, const char *suffix)
{
    size_t wanted = strlen(suffix);
    return length >= wanted && memcmp(string + length - wanted, suffix, wanted) == 0;
}

/* The module itself or one below it. */
static bool is_below(const char *module, const char *package)
{
    size_t length = strlen(package);
    return strncmp(module, package, length) == 0 &&
           (module[length] == '.' || module[length] == '\0');
}

static bool is_framework(const char *module)
{
    for (size_t i = 0; i < sizeof frameworks / sizeof *frameworks; i++)
        if (is_below(module, frameworks[i]))
            return true;
    return false;
}

static bool is_import(const char *module)
{
    return starts(module, "importlib._bootstrap") || strcmp(module, "zipimport") == 0;
}

/* What follows the last occurrence of `folder`, or NULL. */
static const char *after_last(const char *path, const char *folder)
{
    const char *found = NULL;
    for (const char *at = strstr(path, folder); at; at = strstr(at + 1, folder))
        found = at + strlen(folder);
    return found;
}

/* Past "3.11/", "3.13t/" or "311.zip/"; NULL when it is something else ("3/" holds no standard
 * library). */
static const char *past_version(const char *at)
{
    size_t major = strspn(at, "0123456789");
    size_t minor = at[major] == '.' ? strspn(at + major + 1, "0123456789") : 0;
    if (!minor)
        return starts(at + major, ".zip/") ? at + major + strlen(".zip/") : NULL;
    at += major + 1 + minor;
    at += *at == 't';
    return *at == '/' ? at + 1 : NULL;
}

/* What follows the standard library's folder, "/usr/lib/python3.11/", or NULL. */
static const char *in_stdlib(const char *path)
{
    const char *found = NULL;
    for (const char *at = strstr(path, "/python3"); at; at = strstr(at + 1, "/python3")) {
        const char *folder = at;
        while (folder > path && folder[-1] != '/')
            folder--;
        const char *rest = past_version(at + strlen("/python"));
        if (rest && starts(folder, "lib"))
            found = rest;
    }
    return found;
}

/* "http/client.py" as "http.client", "json/__init__.py" as "json". */
static void dotted(const char *path, char *module, size_t size)
{
    struct ol_text text = ol_text_in(module, size);
    size_t length = strlen(path);
    if (ends(path, length, ".py"))
        length -= 3;
    else if (ends(path, length, ".pyc"))
        length -= 4;
    if (ends(path, length, "/__init__") || ends(path, length, "/__main__"))
        length -= strlen("/__init__");
    for (size_t i = 0; i < length; i++)
        ol_text_add_char(&text, path[i] == '/' ? '.' : path[i]);
}

/* The part of the user's path that can name a module: the file, or the folder of an __init__ or
 * __main__. */
static const char *user_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (!slash || (!starts(name, "__init__.") && !starts(name, "__main__.")))
        return name;
    while (slash > path && slash[-1] != '/')
        slash--;
    return slash;
}

static enum ol_owner_class classify_frozen(const char *path, char *module, size_t size)
{
    struct ol_text text = ol_text_in(module, size);
    const char *name = path + strlen("<frozen ");
    ol_text_add_bytes(&text, name, strcspn(name, ">"));
    return is_import(module) ? OL_CODE_import : OL_CODE_stdlib;
}

enum ol_owner_class ol_pypath_classify(const char *path, char *module, size_t size)
{
    if (starts(path, "<frozen "))
        return classify_frozen(path, module, size);
    if (*path == '<') { /* "<string>", "<stdin>", generated code: no file, but somebody's own */
        dotted("__main__", module, size);
        return OL_CODE_user;
    }
    const char *site = after_last(path, "/site-packages/");
    const char *distribution = after_last(path, "/dist-packages/");
    const char *installed = distribution > site ? distribution : site;
    const char *standard = installed ? NULL : in_stdlib(path);
    const char *part = installed ? installed : standard ? standard : user_part(path);
    dotted(part, module, size);
    if (!installed && !standard)
        return OL_CODE_user;
    if (standard && is_import(module))
        return OL_CODE_import;
    return is_framework(module) ? OL_CODE_framework : standard ? OL_CODE_stdlib : OL_CODE_library;
}

bool ol_pypath_is_boundary(const char *module, const char *function)
{
    const char *dot = strrchr(function, '.');
    const char *name = dot ? dot + 1 : function;
    for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++)
        if (strcmp(name, boundaries[i].function) == 0 && strcmp(module, boundaries[i].module) == 0)
            return true;
    return false;
}
