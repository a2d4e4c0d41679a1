/* SPDX-License-Identifier: MIT */
/* Names of owners. Called once a site, by load.c, and for folded frames by stack.c. */
#include "owner.h"

#include <string.h>

const char *ol_owner_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The folder name or file stem that follows `folder` in `path`, or NULL. */
static const char *after_folder(struct obstack *pool, const char *path, const char *folder)
{
    const char *at = strstr(path, folder);
    if (!at)
        return NULL;
    at += strlen(folder);
    size_t length = strcspn(at, "/");
    if (!at[length] && memchr(at, '.', length))
        length = strcspn(at, ".");
    return length ? ol_pool_copy(pool, at, length) : NULL;
}

/* "app" of "/x/app.py"; for a package's own files the package: "shop" of "/x/shop/__main__.py". */
static const char *stem(struct obstack *pool, const char *path)
{
    const char *base = ol_owner_base(path);
    if (strncmp(base, "__main__.", 9) == 0 || strncmp(base, "__init__.", 9) == 0) {
        char *folder = ol_pool_copy(pool, path, base > path ? (size_t)(base - path - 1) : 0);
        if (*folder)
            return ol_owner_base(folder);
    }
    const char *dot = strrchr(base, '.');
    return dot && dot > base ? ol_pool_copy(pool, base, (size_t)(dot - base)) : base;
}

static const char *python_name(struct obstack *pool, const struct ol_frame *frame)
{
    const char *package = frame->owner;
    if (package)
        return package;
    if (frame->file && !(package = after_folder(pool, frame->file, "/site-packages/")))
        package = after_folder(pool, frame->file, "/dist-packages/");
    if (package)
        return package;
    if (frame->module && *frame->module && *frame->module != '.' &&
        strcmp(frame->module, "__main__") != 0)
        return ol_pool_copy(pool, frame->module, strcspn(frame->module, "."));
    return frame->file && *frame->file ? stem(pool, frame->file) : "?";
}

/* "lodash" and "@scope/name" below node_modules, "node" for its own modules, else the file's stem.
 */
static const char *script_name(struct obstack *pool, const struct ol_frame *frame)
{
    const char *package = NULL, *file = frame->file;
    for (const char *at = file; (at = strstr(at, "/node_modules/")); at++)
        package = at + strlen("/node_modules/"); /* the innermost */
    if (package && *package) {
        size_t length = strcspn(package, "/");
        if (*package == '@' && package[length])
            length += 1 + strcspn(package + length + 1, "/");
        return ol_pool_copy(pool, package, length);
    }
    return *file == '/' ? stem(pool, file) : "node";
}

const char *ol_owner_name(struct obstack *pool, const struct ol_frame *frame)
{
    if (frame->kind == OL_FRAME_python)
        return python_name(pool, frame);
    if (frame->kind == OL_FRAME_js)
        return script_name(pool, frame);
    return frame->module ? ol_owner_base(frame->module) : "?";
}
