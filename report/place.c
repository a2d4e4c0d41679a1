/* SPDX-License-Identifier: MIT */
/* Paths relative to the root of the sources, and to where the program was started. */
#include "place.h"

#include <search.h>
#include <string.h>

#include "path.h"
#include "say.h"

struct place {
    const char *path; /* absolute, first: what the tree is ordered by */
    const char *file;
};

struct ol_places {
    struct obstack pool;
    const char *root;
    bool given;  /* by --source-root */
    void *known; /* tree of struct place: frames share their files */
};

static const char *find_root(struct obstack *pool, const char *given)
{
    const char *folder = ol_path_absolute(pool, ol_path_here(pool), given ? given : "");
    const char *tree = given ? NULL : ol_path_tree(pool, folder);
    return tree ? tree : folder;
}

static void end(void *part)
{
    struct ol_places *places = part;
    tdestroy(places->known, free);
    ol_pool_end(&places->pool);
    free(places);
}

void ol_place_open(struct ol_model *model, const char *root)
{
    struct ol_places *places = ol_say_realloc(NULL, 1, sizeof *places);
    *places = (struct ol_places){0};
    ol_pool_begin(&places->pool);
    places->root = find_root(&places->pool, root);
    places->given = root != NULL;
    model->places = places;
    ol_model_attach(model, places, end);
}

static struct ol_places *of(struct ol_model *model)
{
    if (!model->places)
        ol_place_open(model, NULL);
    return model->places;
}

const char *ol_place_root(struct ol_model *model)
{
    return of(model)->root;
}

bool ol_place_root_is_given(struct ol_model *model)
{
    return of(model)->given;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->path, ((const struct place *)b)->path);
}

static const char *relative(const char *root, const char *path, bool users)
{
    const char *below = ol_path_below(root, path);
    below = below || !users ? below : ol_path_moved(root, path);
    return below ? below : path;
}

const char *ol_place_file(struct ol_model *model, const struct ol_run *run,
                          const struct ol_frame *frame)
{
    struct ol_places *places = of(model);
    const char *file = frame->file;
    if (!file || !*file || *file == '<' || (*file != '/' && (!run->cwd || *run->cwd != '/')))
        return file && *file ? file : NULL;
    struct place wanted = {.path = ol_path_absolute(&places->pool, run->cwd, file)};
    struct place **found = tfind(&wanted, &places->known, compare);
    if (found) {
        obstack_free(&places->pool, (char *)(uintptr_t)wanted.path);
        return (*found)->file;
    }
    struct place *place = ol_say_realloc(NULL, 1, sizeof *place);
    *place = wanted;
    place->file = relative(places->root, place->path, frame->owner_class == OL_CODE_user);
    if (!tsearch(place, &places->known, compare))
        ol_say_realloc(NULL, SIZE_MAX, 2); /* out of memory, said there */
    return place->file;
}

bool ol_place_is_inside(const char *file)
{
    return file && *file != '/' && *file != '<';
}

const char *ol_place_near(struct obstack *pool, const struct ol_run *run,
                          const struct ol_frame *frame)
{
    const char *file = frame->file;
    size_t folder = run->cwd ? strlen(run->cwd) : 0;
    if (!file && frame->module && frame->kind == OL_FRAME_native)
        return ol_pool_format(pool, "%s+0x%llx", ol_path_base(frame->module),
                              (unsigned long long)frame->offset);
    if (!file)
        return frame->kind == OL_FRAME_native
                   ? ol_pool_format(pool, "0x%llx", (unsigned long long)frame->offset)
               : frame->module ? frame->module
                               : "?";
    if (folder > 1 && strncmp(file, run->cwd, folder) == 0 && file[folder] == '/')
        file += folder + 1;
    return frame->line ? ol_pool_format(pool, "%s:%u", file, frame->line) : file;
}
