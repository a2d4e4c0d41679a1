/* Paths relative to the root of the sources. Called by the formats that other tools read. */
#include "place.h"

#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

struct place {
    const char *path; /* absolute, first: what the tree is ordered by */
    const char *file;
};

struct ol_places {
    struct obstack pool;
    const char *root;
    void *known; /* tree of struct place: frames share their files */
};

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

static char *absolute(struct obstack *pool, const char *folder, const char *path)
{
    return tidy(*path == '/' ? ol_pool_string(pool, path)
                             : ol_pool_format(pool, "%s/%s", folder, path));
}

static bool has_git(const char *folder)
{
    char path[PATH_MAX];
    struct stat status; /* a folder, or a file in linked working trees */
    return snprintf(path, sizeof path, "%s/.git", folder) < (int)sizeof path &&
           stat(path, &status) == 0;
}

static const char *find_root(struct obstack *pool, const char *given)
{
    char *here = getcwd(NULL, 0);
    char *folder = absolute(pool, here ? here : "", given ? given : "");
    free(here);
    if (given)
        return folder;
    for (char *top = ol_pool_string(pool, folder), *slash;; *slash = '\0') {
        if (has_git(top))
            return top;
        if (!(slash = strrchr(top, '/')))
            return folder;
    }
}

struct ol_places *ol_places_begin(const char *root)
{
    struct ol_places *places = ol_say_realloc(NULL, 1, sizeof *places);
    *places = (struct ol_places){0};
    ol_pool_begin(&places->pool);
    places->root = find_root(&places->pool, root);
    return places;
}

void ol_places_end(struct ol_places *places)
{
    if (!places)
        return;
    tdestroy(places->known, free);
    ol_pool_end(&places->pool);
    free(places);
}

static struct ol_places *of(struct ol_model *model)
{
    if (!model->places)
        model->places = ol_places_begin(NULL);
    return model->places;
}

const char *ol_places_root(struct ol_model *model)
{
    return of(model)->root;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->path, ((const struct place *)b)->path);
}

static bool is_file_below(const char *root, const char *path)
{
    char whole[PATH_MAX];
    struct stat status;
    return snprintf(whole, sizeof whole, "%s/%s", root, path) < (int)sizeof whole &&
           stat(whole, &status) == 0 && S_ISREG(status.st_mode);
}

/* The longest end of the path that names a file below the root. */
static const char *moved(const char *root, const char *path)
{
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        if (is_file_below(root, slash + 1))
            return slash + 1;
    return path;
}

static const char *relative(const char *root, const char *path, bool users)
{
    size_t length = strlen(root);
    if (strncmp(path, root, length) == 0 && path[length] == '/')
        return path + length + 1;
    return users ? moved(root, path) : path;
}

const char *ol_place_file(struct ol_model *model, const struct ol_run *run,
                          const struct ol_frame *frame)
{
    struct ol_places *places = of(model);
    const char *file = frame->file;
    if (!file || !*file || *file == '<' || (*file != '/' && (!run->cwd || *run->cwd != '/')))
        return file && *file ? file : NULL;
    struct place wanted = {.path = absolute(&places->pool, run->cwd, file)};
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
