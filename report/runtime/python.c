/* SPDX-License-Identifier: MIT */
/* Python, as CPython runs it. The library reads its frames. */
#include <string.h>

#include "../path.h"
#include "python_scope.h"
#include "runtime.h"

/* --- owners and places --- */

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

static const char *owner(struct obstack *pool, const struct ol_frame *frame)
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
    return frame->file && *frame->file ? ol_runtime_stem(pool, frame->file) : "?";
}

static const char *installed(struct obstack *pool, const char *path)
{
    const char *below = ol_path_after(path, "/site-packages/");
    return below ? below : ol_path_after(path, "/dist-packages/");
}

/* Cells of notebooks and lines of a prompt are numbered as they come. */
static const char *typed_in(const char *file)
{
    static const struct {
        const char *part, *name;
    } kinds[] = {
        {"<ipython-input-", "<cell>"}, {"/ipykernel_", "<cell>"}, {"<python-input-", "<stdin>"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strstr(file, kinds[i].part))
            return kinds[i].name;
    return NULL;
}

static const char *place(const struct ol_frame *frame)
{
    bool own = frame->owner_class == OL_CODE_user || frame->owner_class == OL_CODE_unknown;
    const char *typed = typed_in(frame->file);
    return typed ? typed : own ? NULL : frame->module;
}

/* --- functions --- */

/* "python 3.9" and "python 3.9.18", not "python 3.91". */
static bool lacks_qualified_names(const struct ol_run *run)
{
    static const char *const versions[] = {"python 3.9", "python 3.10"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        size_t length = strlen(versions[i]);
        if (run->language && strncmp(run->language, versions[i], length) == 0 &&
            (run->language[length] == '.' || !run->language[length]))
            return true;
    }
    return false;
}

/* CPython before 3.11 keeps qualified names only in objects. */
static const char *function(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame)
{
    return !strchr(frame->function, '.') && lacks_qualified_names(run)
               ? ol_python_scope_name(model, run, frame)
               : frame->function;
}

/* 3.12 has no frames for these. */
static bool is_comprehension(const struct ol_frame *frame)
{
    static const char *const names[] = {"<listcomp>", "<dictcomp>", "<setcomp>"};
    size_t length = strlen(frame->function);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = strlen(names[i]);
        if (length >= size && strcmp(frame->function + length - size, names[i]) == 0)
            return true;
    }
    return false;
}

static bool is_in_module(const struct ol_frame *frame, const char *module)
{
    return frame->kind == OL_FRAME_python && frame->module && strcmp(frame->module, module) == 0;
}

/* A finalizer, which weakref.finalize() may have called. */
static size_t stands_at(const struct ol_violation *violation, size_t index)
{
    const struct ol_frame *const *frames = violation->frames;
    if (!index || violation->culprit->file ||
        !is_in_module(violation->culprit, OL_COLLECTOR_MODULE) ||
        frames[index - 1]->kind != OL_FRAME_python)
        return index;
    return index > 1 && is_in_module(frames[index - 1], "weakref") ? index - 2 : index - 1;
}

const struct ol_runtime ol_runtime_python = {
    .name = "python",
    .rule_word = "python",
    .owner = owner,
    .installed = installed,
    .place = place,
    .left_out = "src/",
    .options_with_word = "XW",
    .options_for_script = "mc",
    .function = function,
    .is_part = is_comprehension,
    .stands_at = stands_at,
};
