/* SPDX-License-Identifier: MIT */
/* What the command has to know of a language: names, owners, places and apis of its frames.
 *
 * A language is one file of this folder, which defines `ol_runtime_<kind>`, and one row of
 * runtimes.def. The rest of the command asks by the functions below, and knows no language. Native
 * code is none: what is known of it is in symbols.h and compiled.h.
 *
 * Where the frames come from: those that the library read have their words already (function, file,
 * line, module, class, `loaded_as`, `owner`), whatever the language is. Of others the library sees
 * bare addresses, which a perf map names: `name_made` says what such a name stands for.
 *
 * What a language must fill: `name` and `owner`. All else may be NULL, and is the same as for a
 * file of no language then. */
#ifndef OFFLOOP_RUNTIME_H
#define OFFLOOP_RUNTIME_H

#include "../folder.h"
#include "../model.h"

struct ol_runtime {
    const char *name; /* the `kind` of its frames in JSON */

    /* The word of allow rules that name its functions: "python" of `python=app:handle`. NULL: the
     * library does not know their names. */
    const char *rule_word;

    /* Frames are known after the run only: the library could not choose the culprit, and had no
     * name for the api. The culprit becomes the nearest frame in a file of the user's, without one
     * the nearest of a library. */
    bool named_late;

    /* The language's own program by its base name ("node"): its functions are no user's code. */
    bool (*is_program)(const char *name);

    /* Fills kind, owner_class, function, file and line from what a perf map calls a function
     * ("JS:~tick /srv/app.js:5:14"). False: it is none of this language. */
    bool (*name_made)(struct obstack *pool, const char *name, struct ol_frame *frame);

    /* Whose code a frame is, in a word that its owner knows: a package, a script. Never NULL. In
     * the pool or in the frame. */
    const char *(*owner)(struct obstack *pool, const struct ol_frame *frame);

    /* --- what ids are made of: never anything that differs between machines, folders, users, or
     * versions of the language (identity.h) --- */

    /* What is left of a path where a package is installed, or NULL: "requests/api.py". It is asked
     * for files of every kind. In the path or in the pool. */
    const char *(*installed)(struct obstack *pool, const char *path);

    /* The place of a frame whose file is no path that tells one: the standard library's module, a
     * prompt. NULL: the file tells it. In the frame, or static. */
    const char *(*place)(const struct ol_frame *frame);

    /* A folder that a package's files lie in where it is developed, and not where it is installed:
     * "src/". */
    const char *left_out;

    /* Options of its program, by letter: with a word behind them, and with code or a module in
     * place of a script. */
    const char *options_with_word, *options_for_script;

    /* The qualified name of a frame's function, which is not NULL, where the record has less. */
    const char *(*function)(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame);

    /* The function is a part of the one around it, and has no name of its own: a comprehension. */
    bool (*is_part)(const struct ol_frame *frame);

    /* The frame at whose place the culprit (`frames[index]`) stands, by index: what a garbage
     * collector runs stands where its finalizer does. */
    size_t (*stands_at)(const struct ol_violation *violation, size_t index);

    /* The api as its users call it ("fs.readFileSync"), by the stack; NULL: as recorded. */
    const char *(*api)(struct obstack *pool, const struct ol_violation *violation);

    /* Around the run of its own program (is_program). `prepare`: what it takes that frames can be
     * named, in the environment, which is said; false: nothing. `finish`: takes away what that left
     * behind, when all that is needed is kept. */
    bool (*prepare)(struct obstack *pool);
    void (*finish)(const struct ol_paths *records);
};

/* The language of a frame; NULL for native code. */
const struct ol_runtime *ol_runtime_of(const struct ol_frame *frame);

/* Frames of that kind are recorded with their words; what else a record says is native. */
bool ol_runtime_is_recorded(unsigned kind);

/* "native", "python", "js": never NULL. */
const char *ol_runtime_kind(const struct ol_frame *frame);

/* That file is the program of some language. */
bool ol_runtime_is_program(const char *path);

/* As the functions of the rows: by the frame's own row, or by the first that answers. */
bool ol_runtime_name_made(struct obstack *pool, const char *name, struct ol_frame *frame);
const char *ol_runtime_installed(struct obstack *pool, const char *path);
const char *ol_runtime_place(const struct ol_frame *frame);
const char *ol_runtime_function(struct ol_model *model, const struct ol_run *run,
                                const struct ol_frame *frame);
bool ol_runtime_is_part(const struct ol_frame *frame);
size_t ol_runtime_stands_at(const struct ol_violation *violation, size_t index);

/* `app` of "python3 -X dev app.py" in the command line, by the options of the frame's language, of
 * all for native code; NULL: no script. In the pool. */
const char *ol_runtime_script(struct obstack *pool, const char *command_line,
                              const struct ol_frame *frame);

/* Chooses the culprit and the api where only the command can. */
void ol_runtime_judge(struct obstack *pool, struct ol_violation *violation);

/* Before a program is started: `image` is the file that is executed in the end. Returns whose
 * frames are named because of it, or NULL. */
const struct ol_runtime *ol_runtime_prepare(struct obstack *pool, const char *image);

/* After it has ended, with what that returned: keeps what the records need of perf maps. */
void ol_runtime_finish(const struct ol_runtime *runtime, const struct ol_paths *records);

/* For rows: "app" of "/x/app.py"; of a package's own files the package, "shop" of
 * "/x/shop/__main__.py". In the pool or in the path. */
const char *ol_runtime_stem(struct obstack *pool, const char *path);

#endif
