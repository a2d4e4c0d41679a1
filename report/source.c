/* SPDX-License-Identifier: MIT */
/* Lines of source files. */
#include "source.h"

#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"
#include "say.h"

#define LARGEST (8u << 20)   /* of a file, for the same reason */
#define KEPT_MAX (64u << 20) /* of all files together; beyond it they are forgotten */

struct source {
    char *path; /* first: what the tree is ordered by */
    char *bytes;
    size_t size;
    uint32_t *starts; /* of the lines; one more is the end */
    size_t lines;
};

struct ol_sources {
    const char *root;
    void *files; /* tree of struct source; those that can't be read have no lines */
    size_t kept;
    const char *folder,
        *file; /* asked for last, and what was found: lines are asked for in a row */
    const struct source *last;
};

static const char *const suffixes[] = {
    ".py",  ".pyx", ".pyi", ".pyw", ".js",  ".mjs", ".cjs",  ".jsx",    ".ts",    ".mts", ".cts",
    ".tsx", ".c",   ".h",   ".cc",  ".cpp", ".cxx", ".hh",   ".hpp",    ".hxx",   ".inc", ".ipp",
    ".tcc", ".rs",  ".go",  ".zig", ".nim", ".d",   ".lua",  ".rb",     ".pl",    ".php", ".java",
    ".kt",  ".m",   ".mm",  ".S",   ".def", ".vue", ".vala", ".svelte", ".coffee"};

static bool is_source(const char *path, const char *bytes, size_t size)
{
    const char *suffix = strrchr(ol_path_base(path), '.');
    for (size_t i = 0; suffix && i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(suffix, suffixes[i]) == 0)
            return true;
    return size > 2 && bytes[0] == '#' && bytes[1] == '!';
}

static void read_file(struct source *source, int fd, size_t size)
{
    ssize_t part;
    source->bytes = ol_say_realloc(NULL, size + 1, 1);
    while (source->size < size &&
           (part = read(fd, source->bytes + source->size, size - source->size)) > 0)
        source->size += (size_t)part;
}

/* Where the lines begin; the last one may lack its end. */
static void find_lines(struct source *source)
{
    size_t room = 0;
    const char *end = source->bytes + source->size;
    for (const char *at = source->bytes; at && at < end;) {
        if (source->lines + 1 >= room) {
            room = 2 * room + 64;
            source->starts = ol_say_realloc(source->starts, room, sizeof *source->starts);
        }
        source->starts[source->lines++] = (uint32_t)(at - source->bytes);
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    if (source->lines)
        source->starts[source->lines] = (uint32_t)source->size;
}

static void open_source(struct source *source, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= LARGEST)
        read_file(source, fd, (size_t)status.st_size);
    close(fd);
    if (source->bytes && is_source(path, source->bytes, source->size))
        find_lines(source);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

static void forget(void *item)
{
    struct source *source = item;
    free(source->path);
    free(source->bytes);
    free(source->starts);
    free(source);
}

static void forget_all(struct ol_sources *sources)
{
    tdestroy(sources->files, forget);
    sources->files = NULL;
    sources->kept = 0;
    sources->file = NULL;
}

static const struct source *find(struct ol_sources *sources, char *path)
{
    struct source wanted = {.path = path}, **found = tfind(&wanted, &sources->files, compare);
    if (found)
        return *found;
    if (sources->kept > KEPT_MAX)
        forget_all(sources);
    struct source *source = ol_say_realloc(NULL, 1, sizeof *source);
    char rooted[PATH_MAX];
    *source = (struct source){.path = strdup(path)};
    if (sources->root &&
        snprintf(rooted, sizeof rooted, "%s/%s", sources->root, path) < (int)sizeof rooted)
        open_source(source, rooted);
    if (!source->lines)
        open_source(source, path);
    sources->kept += source->size + source->lines * sizeof *source->starts + sizeof *source;
    if (!source->path || !tsearch(source, &sources->files, compare))
        ol_say_realloc(NULL, SIZE_MAX, 2); /* out of memory, said there */
    return source;
}

static void end(void *part)
{
    forget_all(part);
    free(part);
}

void ol_source_open(struct ol_model *model, const char *root)
{
    struct ol_sources *sources = ol_say_realloc(NULL, 1, sizeof *sources);
    *sources = (struct ol_sources){.root = root};
    model->sources = sources;
    ol_model_attach(model, sources, end);
}

/* The file, by the names that the model keeps; NULL where there can be none. */
static const struct source *find_again(struct ol_sources *sources, const char *folder,
                                       const char *file)
{
    char path[PATH_MAX];
    if (sources->file && sources->file == file && sources->folder == folder)
        return sources->last;
    if (snprintf(path, sizeof path, "%s%s%s", *file == '/' ? "" : folder, *file == '/' ? "" : "/",
                 file) >= (int)sizeof path)
        return NULL;
    sources->last = find(sources, path);
    sources->folder = folder;
    sources->file = file;
    return sources->last;
}

const char *ol_source_raw(struct ol_sources *sources, const char *folder, const char *file,
                          uint32_t line, size_t *length)
{
    if (!sources || !file || !line || (*file != '/' && !folder))
        return NULL;
    const struct source *source = find_again(sources, folder, file);
    if (!source || line > source->lines)
        return NULL;
    const char *text = source->bytes + source->starts[line - 1];
    *length = source->starts[line] - source->starts[line - 1];
    while (*length && strchr("\r\n", text[*length - 1]))
        --*length;
    *length = *length < OL_SOURCE_LONGEST ? *length : OL_SOURCE_LONGEST;
    return text;
}

const char *ol_source_line(struct ol_model *model, const struct ol_run *run,
                           const struct ol_frame *frame)
{
    size_t length;
    const char *text = ol_source_raw(model->sources, run->cwd, frame->file, frame->line, &length);
    if (!text)
        return NULL;
    while (length && strchr(" \t", *text))
        text++, length--;
    while (length && strchr(" \t", text[length - 1]))
        length--;
    return length ? ol_source_mask(&model->pool, text, length) : NULL;
}
