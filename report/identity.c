/* SPDX-License-Identifier: MIT */
/* Places that ids are made of. The contract is in identity.h. */
#include "identity.h"

#include <string.h>

#include "intern.h"
#include "path.h"
#include "place.h"
#include "runtime/runtime.h"
#include "say.h"

struct ol_identities {
    struct ol_intern asked; /* working folder, file and name: sites share them */
    const char **places;    /* by number */
    size_t room;
};

static void end(void *part)
{
    struct ol_identities *identities = part;
    ol_intern_end(&identities->asked);
    free(identities->places);
    free(identities);
}

/* --- names that chance or a tool made --- */

/* How many characters of "tmp3k_9x2ab" are random, as Python's tempfile makes them. */
static bool is_temporary(const char *part)
{
    size_t random = strncmp(part, "tmp", 3) == 0
                        ? strspn(part + 3, "abcdefghijklmnopqrstuvwxyz0123456789_")
                        : 0;
    return random == 8 && strchr("./", part[11]);
}

static const char *without_chance(struct obstack *pool, const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/") + (strchr(at, '/') != NULL);
        bool temporary = is_temporary(at);
        if (temporary)
            obstack_grow(pool, "tmp*", 4);
        obstack_grow(pool, at + (temporary ? 11 : 0), length - (temporary ? 11 : 0));
        at += length;
    }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

/* --- the user's own files --- */

static bool is_main(const char *name)
{
    return !name || strcmp(name, "__main__") == 0 || strcmp(name, "__mp_main__") == 0;
}

/* "shop/views.py" of "src/shop/views.py"; "src/app.py" is no package's. */
static const char *without(const char *folder, const char *path)
{
    size_t length = folder ? strlen(folder) : 0;
    return length && strncmp(path, folder, length) == 0 && strchr(path + length, '/')
               ? path + length
               : path;
}

/* The folder of the script that the program was started with, or NULL: "python3 -X dev x/app.py"
 * gives x. */
static const char *script_folder(struct obstack *pool, const struct ol_run *run,
                                 const struct ol_frame *frame)
{
    const char *script = run->argv ? ol_runtime_script(pool, run->argv, frame) : NULL;
    return script ? ol_path_folder(pool, ol_path_absolute(pool, run->cwd, script)) : NULL;
}

static const char *below_tree(struct obstack *pool, const char *folder, const char *path)
{
    const char *tree = ol_path_tree(pool, folder);
    return tree && *tree ? ol_path_below(tree, path) : NULL;
}

static const char *below_root(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame, const char *path)
{
    struct obstack *pool = &model->pool;
    const char *below = NULL, *script;
    if (ol_place_root_is_given(model)) {
        below = ol_path_below(ol_place_root(model), path);
        below = below ? below : ol_path_moved(ol_place_root(model), path);
    }
    below = below ? below : below_tree(pool, ol_path_here(pool), path);
    below = below ? below : below_tree(pool, run->cwd, path);
    below = below ? below : below_tree(pool, ol_path_folder(pool, path), path);
    if (!below && run->cwd[1]) /* below "/" is everything */
        below = ol_path_below(ol_path_absolute(pool, run->cwd, ""), path);
    if (!below && (script = script_folder(pool, run, frame)) && *script)
        below = ol_path_below(script, path);
    return below;
}

/* "orders/views.py" of a file that was loaded as "orders.views"; "plugin_a:plugin.py" where name
 * and file have nothing in common; all of the path where there is no name. */
static const char *by_name(struct obstack *pool, const struct ol_frame *frame)
{
    const char *name = frame->loaded_as, *base = ol_path_base(frame->file);
    size_t parts = 1, length = is_main(name) ? 0 : strlen(name);
    for (size_t i = 0; i < length; i++)
        parts += name[i] == '.';
    parts += strncmp(base, "__init__.", 9) == 0;
    const char *end = name ? ol_path_end(frame->file, parts) : frame->file;
    size_t i = 0;
    while (i < length && (name[i] == end[i] || (name[i] == '.' && end[i] == '/')))
        i++;
    return i == length ? end : ol_pool_format(pool, "%s:%s", name, base);
}

static const char *users_file(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame)
{
    struct obstack *pool = &model->pool;
    bool rooted = run->cwd && *run->cwd == '/';
    if (*frame->file != '/' && !rooted)
        return frame->file;
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    const char *path = ol_path_absolute(pool, rooted ? run->cwd : "/", frame->file), *below = NULL;
    if (rooted)
        below = below_root(model, run, frame, path);
    if (!below)
        return runtime ? by_name(pool, frame) : ol_path_base(path);
    return without(runtime ? runtime->left_out : NULL, below);
}

/* --- any file --- */

/* "<string>" of several modules is several. */
static const char *generated(struct obstack *pool, const struct ol_frame *frame)
{
    return is_main(frame->loaded_as) ? frame->file
                                     : ol_pool_format(pool, "%s:%s", frame->loaded_as, frame->file);
}

/* Below the folder that a package was installed into, which archives are too. */
static const char *installed(struct obstack *pool, const char *file)
{
    static const char *const archives[] = {".pyz/", ".zip/", ".egg/", ".whl/", ".pex/"};
    const char *below = ol_runtime_installed(pool, file);
    for (size_t i = 0; i < sizeof archives / sizeof *archives && !below; i++)
        below = ol_path_after(file, archives[i]);
    return below;
}

static const char *file_place(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame)
{
    const char *place = installed(&model->pool, frame->file);
    place = place ? place : ol_runtime_place(frame);
    if (place)
        return place;
    if (*frame->file == '<')
        return generated(&model->pool, frame);
    return without_chance(&model->pool, users_file(model, run, frame));
}

static const char *kept_place(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame)
{
    if (!model->identities) {
        model->identities = ol_say_realloc(NULL, 1, sizeof *model->identities);
        *model->identities = (struct ol_identities){0};
        ol_intern_begin(&model->identities->asked, &model->pool);
        ol_model_attach(model, model->identities, end);
    }
    struct ol_identities *known = model->identities;
    bool added;
    const char *key = ol_pool_format(&model->pool, "%zu %s\n%s", run->index, frame->file,
                                     frame->loaded_as ? frame->loaded_as : "");
    uint32_t number = ol_intern_add(&known->asked, key, strlen(key), &added);
    if (number >= known->room) {
        known->room = 2 * known->room + 64;
        known->places = ol_say_realloc(known->places, known->room, sizeof *known->places);
    }
    if (added)
        known->places[number] = file_place(model, run, frame);
    return known->places[number];
}

const char *ol_identity_place(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame)
{
    struct ol_frame local = *frame;
    if (frame->kind != OL_FRAME_native)
        return frame->file && *frame->file ? kept_place(model, run, frame) : "?";
    const char *module = frame->module && *frame->module ? ol_path_base(frame->module) : NULL;
    local.file = module ? frame->local_to : frame->file;
    if (!local.file || !*local.file)
        return module ? module : "?";
    const char *file = kept_place(model, run, &local);
    return module ? ol_pool_format(&model->pool, "%s:%s", module, file) : file;
}
