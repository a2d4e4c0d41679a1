/* SPDX-License-Identifier: MIT */
/* The table of languages, and what is asked of it. */
#include "runtime.h"

#include <string.h>

#include "../path.h"
#include "../perf_map.h"

#define RUNTIME(kind) extern const struct ol_runtime ol_runtime_##kind;
#include "runtimes.def"
#undef RUNTIME

static const struct row {
    enum ol_frame_kind kind;
    const struct ol_runtime *runtime;
} rows[] = {
#define RUNTIME(kind) {OL_FRAME_##kind, &ol_runtime_##kind},
#include "runtimes.def"
#undef RUNTIME
};

#define ROWS (sizeof rows / sizeof *rows)

static const struct ol_runtime *of_kind(unsigned kind)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].kind == kind)
            return rows[i].runtime;
    return NULL;
}

const struct ol_runtime *ol_runtime_of(const struct ol_frame *frame)
{
    return of_kind(frame->kind);
}

bool ol_runtime_is_recorded(unsigned kind)
{
    const struct ol_runtime *runtime = of_kind(kind);
    return runtime && !runtime->named_late;
}

const char *ol_runtime_kind(const struct ol_frame *frame)
{
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    return runtime ? runtime->name : "native";
}

static const struct ol_runtime *of_program(const char *path)
{
    const char *name = ol_path_base(path);
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].runtime->is_program && rows[i].runtime->is_program(name))
            return rows[i].runtime;
    return NULL;
}

bool ol_runtime_is_program(const char *path)
{
    return of_program(path) != NULL;
}

bool ol_runtime_name_made(struct obstack *pool, const char *name, struct ol_frame *frame)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].runtime->name_made && rows[i].runtime->name_made(pool, name, frame))
            return true;
    return false;
}

const char *ol_runtime_installed(struct obstack *pool, const char *path)
{
    const char *found = NULL;
    for (size_t i = 0; i < ROWS && !found; i++)
        if (rows[i].runtime->installed)
            found = rows[i].runtime->installed(pool, path);
    return found;
}

const char *ol_runtime_place(const struct ol_frame *frame)
{
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    return runtime && runtime->place ? runtime->place(frame) : NULL;
}

const char *ol_runtime_function(struct ol_model *model, const struct ol_run *run,
                                const struct ol_frame *frame)
{
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    return runtime && runtime->function && frame->function ? runtime->function(model, run, frame)
                                                           : frame->function;
}

bool ol_runtime_is_part(const struct ol_frame *frame)
{
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    return runtime && runtime->is_part && runtime->is_part(frame);
}

size_t ol_runtime_stands_at(const struct ol_violation *violation, size_t index)
{
    const struct ol_runtime *runtime = ol_runtime_of(violation->culprit);
    return runtime && runtime->stands_at ? runtime->stands_at(violation, index) : index;
}

/* --- command lines --- */

/* The next word, cut out of the line; NULL at its end. */
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

static bool is_option(const char *word, const char *letters)
{
    return letters && word[1] && !word[2] && strchr(letters, word[1]);
}

enum option { ALONE, WITH_WORD, FOR_SCRIPT };

static enum option option_of(const struct ol_runtime *runtime, const char *word)
{
    return is_option(word, runtime->options_for_script)  ? FOR_SCRIPT
           : is_option(word, runtime->options_with_word) ? WITH_WORD
                                                         : ALONE;
}

static enum option option_of_any(const struct ol_runtime *runtime, const char *word)
{
    enum option option = ALONE;
    if (runtime)
        return option_of(runtime, word);
    for (size_t i = 0; i < ROWS && option == ALONE; i++)
        option = option_of(rows[i].runtime, word);
    return option;
}

const char *ol_runtime_script(struct obstack *pool, const char *command_line,
                              const struct ol_frame *frame)
{
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    char *line = ol_pool_string(pool, command_line), *word = next_word(&line);
    while (word && (word = next_word(&line)) && *word == '-') {
        enum option option = option_of_any(runtime, word);
        if (option == FOR_SCRIPT)
            return NULL;
        if (option == WITH_WORD)
            next_word(&line);
    }
    return word;
}

/* --- the culprit and the api --- */

static const struct ol_frame *nearest(const struct ol_violation *violation, enum ol_frame_kind kind,
                                      enum ol_owner_class owner_class)
{
    for (size_t i = 0; i < violation->frame_count; i++)
        if (violation->frames[i]->kind == kind && violation->frames[i]->owner_class == owner_class)
            return violation->frames[i];
    return NULL;
}

static void choose(struct ol_violation *violation, enum ol_frame_kind kind)
{
    const struct ol_frame *found = nearest(violation, kind, OL_CODE_user);
    found = found ? found : nearest(violation, kind, OL_CODE_library);
    violation->culprit = found ? found : violation->culprit;
}

void ol_runtime_judge(struct obstack *pool, struct ol_violation *violation)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].runtime->named_late)
            choose(violation, rows[i].kind);
    const struct ol_runtime *runtime = violation->culprit ? ol_runtime_of(violation->culprit)
                                                          : NULL;
    const char *api = runtime && runtime->api ? runtime->api(pool, violation) : NULL;
    violation->api = api ? api : violation->api;
}

/* --- around a run --- */

const struct ol_runtime *ol_runtime_prepare(struct obstack *pool, const char *image)
{
    const struct ol_runtime *runtime = of_program(image);
    return runtime && runtime->prepare && runtime->prepare(pool) ? runtime : NULL;
}

void ol_runtime_finish(const struct ol_runtime *runtime, const struct ol_paths *records)
{
    for (size_t i = 0; i < records->count; i++)
        ol_perf_map_keep(records->items[i]);
    /* what forked and became another program is in two records */
    if (runtime && runtime->finish)
        runtime->finish(records);
}

const char *ol_runtime_stem(struct obstack *pool, const char *path)
{
    const char *base = ol_path_base(path);
    if (strncmp(base, "__main__.", 9) == 0 || strncmp(base, "__init__.", 9) == 0) {
        char *folder = ol_pool_copy(pool, path, base > path ? (size_t)(base - path - 1) : 0);
        if (*folder)
            return ol_path_base(folder);
    }
    const char *dot = strrchr(base, '.');
    return dot && dot > base ? ol_pool_copy(pool, base, (size_t)(dot - base)) : base;
}
