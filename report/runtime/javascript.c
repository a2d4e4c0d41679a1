/* SPDX-License-Identifier: MIT */
/* JavaScript, as V8 runs it under node. The library sees its frames as addresses; V8 names them in
 * a perf map, where node is started so (javascript_node.c). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../path.h"
#include "javascript_node.h"
#include "javascript_scope.h"
#include "runtime.h"

/* --- names that V8 gives --- */

/* Where the file begins in "NAME FILE"; both may have blanks in them. */
static const char *file_in(const char *text)
{
    static const char *const beginnings[] = {" /", " file:", " node:", " internal/",
                                             " evalmachine."};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const char *at = strstr(text, beginnings[i]);
        first = at && (!first || at < first) ? at : first;
    }
    first = first ? first : strrchr(text, ' ');
    return first ? first + 1 : NULL;
}

/* Cuts ":5:14", or ":5", off the end. */
static uint32_t cut_line(char *text)
{
    uint32_t line = 0;
    for (int i = 0; i < 2; i++) {
        char *colon = strrchr(text, ':');
        if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
            break;
        line = (uint32_t)strtoul(colon + 1, NULL, 10);
        *colon = '\0';
    }
    return line;
}

/* "/srv/a b.mjs" of "file:///srv/a%20b.mjs". */
static const char *path_of(struct obstack *pool, const char *file)
{
    unsigned byte;
    if (strncmp(file, "file://", 7) != 0)
        return ol_pool_string(pool, file);
    for (file += 7; *file; file++)
        if (*file == '%' && isxdigit((unsigned char)file[1]) && isxdigit((unsigned char)file[2]) &&
            sscanf(file + 1, "%2x", &byte) == 1 && byte) {
            obstack_1grow(pool, (char)byte);
            file += 2;
        } else {
            obstack_1grow(pool, *file);
        }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

static enum ol_owner_class class_of(const char *file)
{
    if (*file != '/')
        return OL_CODE_stdlib; /* node:fs, internal/timers */
    return strstr(file, "/node_modules/") ? OL_CODE_library : OL_CODE_user;
}

static bool name_made(struct obstack *pool, const char *name, struct ol_frame *frame)
{
    static const char *const kinds[] = {"JS:", "LazyCompile:", "Function:", "Script:", "Eval:"};
    const char *rest = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !rest; i++)
        if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
            rest = name + strlen(kinds[i]);
    if (!rest)
        return false;
    char *text = ol_pool_format(pool, " %s", rest + (*rest && strchr("~*^+'", *rest)));
    uint32_t line = cut_line(text);
    const char *file = file_in(text + (text[1] != ' '));
    if (!file || !*file)
        return false;
    size_t length = (size_t)(file - text) > 2 ? (size_t)(file - text) - 2 : 0;
    frame->kind = OL_FRAME_js;
    frame->file = path_of(pool, file);
    frame->line = line;
    frame->owner_class = class_of(frame->file);
    frame->function = length      ? ol_pool_copy(pool, text + 1, length)
                      : line == 1 ? "<module>"
                                  : "(anonymous)";
    return true;
}

/* --- owners and places --- */

/* "lodash" and "@scope/name" below node_modules, "node" for its own modules, else the file's stem.
 */
static const char *owner(struct obstack *pool, const struct ol_frame *frame)
{
    const char *package = NULL, *file = frame->file;
    for (const char *at = file; (at = strstr(at, "/node_modules/")); at++)
        package = at + strlen("/node_modules/"); /* the innermost */
    if (package && *package) {
        size_t length = strcspn(package, "/");
        if (*package == '@' && package[length])
            length += 1 + strcspn(package + length + 1, "/");
        return ol_pool_copy(pool, package, length);
    }
    return *file == '/' ? ol_runtime_stem(pool, file) : "node";
}

/* The innermost package's own path: where others have installed it is chance. */
static const char *installed(struct obstack *pool, const char *path)
{
    return ol_path_after(path, "/node_modules/");
}

/* "node:fs", "internal/timers". */
static const char *place(const struct ol_frame *frame)
{
    return strchr("/<", *frame->file) ? NULL : frame->file;
}

/* V8 leaves out a method's class, and a function's outer one. */
static const char *function(struct ol_model *model, const struct ol_run *run,
                            const struct ol_frame *frame)
{
    return frame->file && frame->line ? ol_javascript_scope_name(model, run, frame)
                                      : frame->function;
}

/* --- the api --- */

static bool is_nodes(const struct ol_frame *frame)
{
    return frame->kind == OL_FRAME_js && strncmp(frame->file, "node:", 5) == 0;
}

/* "fs.readFileSync" of "readFileSync" in "node:fs". Node's internal modules have no public names,
 * but for what loads a module and what ends the program. */
static const char *public_name(struct obstack *pool, const struct ol_frame *frame)
{
    const char *module = frame->file + strlen("node:");
    if (strcmp(frame->function, "Module.require") == 0)
        return "require";
    if (strcmp(module, "internal/process/per_thread") == 0 && strcmp(frame->function, "exit") == 0)
        return "process.exit";
    if (strncmp(module, "internal/", 9) == 0 || *frame->function == '(' || *frame->function == '<')
        return NULL;
    return ol_pool_format(pool, "%s.%s", module, frame->function);
}

/* Of node's own functions at the end of the stack the outermost is the one that was called: by the
 * culprit, or by a package that it uses. */
static const char *api(struct obstack *pool, const struct ol_violation *violation)
{
    const char *called = NULL;
    for (size_t i = 0; i < violation->frame_count; i++) {
        const struct ol_frame *frame = violation->frames[i];
        if (is_nodes(frame)) {
            const char *known = public_name(pool, frame);
            called = known ? known : called;
        } else if (frame->kind == OL_FRAME_js) {
            break;
        }
    }
    return called;
}

const struct ol_runtime ol_runtime_js = {
    .name = "js",
    .named_late = true,
    .is_program = ol_javascript_is_node,
    .name_made = name_made,
    .owner = owner,
    .installed = installed,
    .place = place,
    .options_with_word = "r",
    .options_for_script = "e",
    .function = function,
    .api = api,
    .prepare = ol_javascript_node_prepare,
    .finish = ol_javascript_node_finish,
};
