/* SPDX-License-Identifier: MIT */
/* Paths as text, and the Git working trees that they lie in. */
#ifndef OFFLOOP_PATH_H
#define OFFLOOP_PATH_H

#include "pool.h"

/* `path` from `folder` on, without "." and ".." and double '/'. In the pool. */
const char *ol_path_absolute(struct obstack *pool, const char *folder, const char *path);

/* The working folder. In the pool. */
const char *ol_path_here(struct obstack *pool);

/* The top of the Git working tree that an absolute folder is in, or NULL. In the pool. */
const char *ol_path_tree(struct obstack *pool, const char *folder);

/* The part of `path` after its last '/'; all of it where nothing is behind that. */
const char *ol_path_base(const char *path);

/* What follows `root` and a '/' in `path`, or NULL where it is not below it. */
const char *ol_path_below(const char *root, const char *path);

/* The longest end of `path` that names a file below the root, or NULL. */
const char *ol_path_moved(const char *root, const char *path);

/* The end of `path` that has `count` parts; all of it where it has no more. */
const char *ol_path_end(const char *path, size_t count);

/* What follows the last `folder` ("/site-packages/") in `path`, or NULL. */
const char *ol_path_after(const char *path, const char *folder);

/* `path` without what is behind its last '/'. In the pool. */
const char *ol_path_folder(struct obstack *pool, const char *path);

#endif
