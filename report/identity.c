/* SPDX-License-Identifier: MIT */
/* Places and names that ids are made of. Called by fingerprint.c; the contract is in identity.h. */
#include "identity.h"

#include <string.h>

#include "intern.h"
#include "owner.h"
#include "path.h"
#include "place.h"
#include "say.h"
#include "scope.h"

struct ol_identities {
    struct ol_intern asked; /* working folder, file and name: sites share them */
    const char **places;    /* by number */
    size_t room;
};

void ol_identities_end(struct ol_identities *identities)
{
    if (!identities)
        return;
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

/* --- the user's own files --- */

static bool is_main(const char *name)
{
    return !name || strcmp(name, "__main__") == 0 || strcmp(name, "__mp_main__") == 0;
}

/* "shop/views.py" of "src/shop/views.py"; "src/app.py" is no package's. */
static const char *without_src(const char *path)
{
    return strncmp(path, "src/", 4) == 0 && strchr(path + 4, '/') ? path + 4 : path;
}

/* The next word of a command line, cut out of it; NULL at its end. */
static char *next_word(char **line)
{
    char *word = *line + strspn(*line, " ");
    size_t length = strcspn(word, " ");
    if (!length)
        return NULL;
    *line = word + length + (word[length] != '\0');
    word[length] = '\0';
    return word;
}

/* The folder of the script that an interpreter was started with, or NULL: "python3 -X dev x/app.py"
 * gives x. */
static const char *script_folder(struct obstack *pool, const struct ol_run *run)
{
    char *line = ol_pool_string(pool, run->argv ? run->argv : ""), *word = next_word(&line);
    while (word && (word = next_word(&line)) && *word == '-') {
        if (strcmp(word, "-m") == 0 || strcmp(word, "-c") == 0 || strcmp(word, "-e") == 0)
            return NULL;
        if (strcmp(word, "-X") == 0 || strcmp(word, "-W") == 0 || strcmp(word, "-r") == 0)
            next_word(&line);
    }
    return word ? ol_path_folder(pool, ol_path_absolute(pool, run->cwd, word)) : NULL;
}

static const char *below_tree(struct obstack *pool, const char *folder, const char *path)
{
    const char *tree = ol_path_tree(pool, folder);
    return tree && *tree ? ol_path_below(tree, path) : NULL;
}

static const char *below_root(struct ol_model *model, const struct ol_run *run, const char *path)
{
    struct obstack *pool = &model->pool;
    const char *below = NULL, *script;
    if (ol_places_root_is_given(model)) {
        below = ol_path_below(ol_places_root(model), path);
        below = below ? below : ol_path_moved(ol_places_root(model), path);
    }
    below = below ? below : below_tree(pool, ol_path_here(pool), path);
    below = below ? below : below_tree(pool, run->cwd, path);
    below = below ? below : below_tree(pool, ol_path_folder(pool, path), path);
    if (!below && run->cwd[1]) /* below "/" is everything */
        below = ol_path_below(ol_path_absolute(pool, run->cwd, ""), path);
    if (!below && (script = script_folder(pool, run)) && *script)
        below = ol_path_below(script, path);
    return below;
}

/* "orders/views.py" of a file that was loaded as "orders.views"; "plugin_a:plugin.py" where name
 * and file have nothing in common; all of the path where there is no name. */
static const char *by_name(struct obstack *pool, const struct ol_frame *frame)
{
    const char *name = frame->loaded_as, *base = ol_owner_base(frame->file);
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
    const char *path = ol_path_absolute(pool, rooted ? run->cwd : "/", frame->file), *below = NULL;
    if (rooted)
        below = below_root(model, run, path);
    if (!below)
        return frame->kind == OL_FRAME_native ? ol_owner_base(path) : by_name(pool, frame);
    return frame->kind == OL_FRAME_python ? without_src(below) : below;
}

/* --- any file --- */

/* "<string>" of several modules is several. */
static const char *generated(struct obstack *pool, const struct ol_frame *frame)
{
    return is_main(frame->loaded_as) ? frame->file
                                     : ol_pool_format(pool, "%s:%s", frame->loaded_as, frame->file);
}

static const char *file_place(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame)
{
    /* archives that Python imports from hold packages as folders of installed ones do */
    static const char *const installed[] = {
        "/site-packages/", "/dist-packages/", "/node_modules/", ".pyz/",
        ".zip/",           ".egg/",           ".whl/",          ".pex/"};
    const char *file = frame->file, *typed = typed_in(file);
    if (typed)
        return typed;
    for (size_t i = 0; i < sizeof installed / sizeof *installed; i++)
        if (ol_path_after(file, installed[i]))
            return ol_path_after(file, installed[i]);
    bool own = frame->owner_class == OL_CODE_user || frame->owner_class == OL_CODE_unknown;
    if (frame->kind == OL_FRAME_python && !own && frame->module)
        return frame->module;
    if (*file == '<')
        return generated(&model->pool, frame);
    if (frame->kind == OL_FRAME_js && *file != '/')
        return file;
    return without_chance(&model->pool, users_file(model, run, frame));
}

static const char *kept_place(struct ol_model *model, const struct ol_run *run,
                              const struct ol_frame *frame)
{
    if (!model->identities) {
        model->identities = ol_say_realloc(NULL, 1, sizeof *model->identities);
        *model->identities = (struct ol_identities){0};
        ol_intern_begin(&model->identities->asked, &model->pool);
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
    const char *module = frame->module && *frame->module ? ol_owner_base(frame->module) : NULL;
    local.file = module ? frame->local_to : frame->file;
    if (!local.file || !*local.file)
        return module ? module : "?";
    const char *file = kept_place(model, run, &local);
    return module ? ol_pool_format(&model->pool, "%s:%s", module, file) : file;
}

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

const char *ol_identity_function(struct ol_model *model, const struct ol_run *run,
                                 const struct ol_frame *frame)
{
    if (frame->kind == OL_FRAME_js && frame->function && frame->file && frame->line)
        return ol_scope_script(model, run, frame);
    bool plain = frame->kind == OL_FRAME_python && frame->function && !strchr(frame->function, '.');
    return plain && lacks_qualified_names(run) ? ol_scope_python(model, run, frame)
                                               : frame->function;
}
