/* SPDX-License-Identifier: MIT */
/* Ruby. The library reads its frames. */
#include <string.h>

#include "../path.h"
#include "runtime.h"

/* Folders that a gem's own folder follows: "async-1.30.3". */
static const char *gem_of(const char *path)
{
    static const char *const folders[] = {"/bundler/gems/", "/gems/", "/rubygems-integration/"};
    const char *below = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !below; i++)
        below = ol_path_after(path, folders[i]);
    return below;
}

/* "async" of "async-1.30.3/lib/async.rb". */
static size_t name_length(const char *gem)
{
    size_t length = strcspn(gem, "/");
    for (size_t i = 1; i + 1 < length; i++)
        if (gem[i] == '-' && gem[i + 1] >= '0' && gem[i + 1] <= '9')
            return i;
    return length;
}

static const char *owner(struct obstack *pool, const struct ol_frame *frame)
{
    const char *gem = frame->file ? gem_of(frame->file) : NULL;
    if (frame->owner)
        return frame->owner;
    if (gem)
        return ol_pool_copy(pool, gem, name_length(gem));
    if (frame->module && *frame->module)
        return ol_pool_copy(pool, frame->module, strcspn(frame->module, "/"));
    return frame->file && *frame->file ? ol_runtime_stem(pool, frame->file) : "ruby";
}

/* Whatever the version and the folder: Debian's packages have gems without either. */
static const char *installed(struct obstack *pool, const char *path)
{
    const char *gem = gem_of(path);
    (void)pool;
    if (gem && strchr(gem, '/')) {
        const char *lib = ol_path_after(gem, "/lib/");
        return lib ? lib : strchr(gem, '/') + 1;
    }
    const char *below = ol_path_after(path, "/vendor_ruby/");
    return below ? below : ol_path_after(path, "/site_ruby/");
}

static const char *place(const struct ol_frame *frame)
{
    return frame->owner_class == OL_CODE_stdlib ? frame->module : NULL;
}

/* "block in serve" belongs to what is around it, but has a line of its own. */
const struct ol_runtime ol_runtime_ruby = {
    .name = "ruby",
    .rule_word = "ruby",
    .owner = owner,
    .installed = installed,
    .place = place,
    .left_out = "lib/",
    .options_with_word = "r",
    .options_for_script = "e",
};
