/* SPDX-License-Identifier: MIT */
/* Names of what is around a line of source. Not a parser: a `def` or `class`
 * that stands further left and higher up is around the line, unless it is text in a string. */
#include "python_scope.h"

#include <string.h>

#include "../source.h"

enum { DEPTH_MAX = 32, TAB = 8 };

struct scope {
    const char *name;
    size_t length;
    bool is_class;
};

static size_t indentation(const char *text, size_t length, size_t *blanks)
{
    size_t column = 0, i = 0;
    for (; i < length && (text[i] == ' ' || text[i] == '\t'); i++)
        column = text[i] == '\t' ? column / TAB * TAB + TAB : column + 1;
    *blanks = i;
    return column;
}

/* Steps over `word` and the blanks behind it. */
static bool skip_word(const char **text, size_t *length, const char *word)
{
    size_t size = strlen(word), blanks;
    if (*length <= size || memcmp(*text, word, size) != 0)
        return false;
    indentation(*text + size, *length - size, &blanks);
    *text += size + blanks;
    *length -= size + blanks;
    return blanks > 0;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* "class Shop(Base):" and "async def serve(self):" */
static bool opens_scope(const char *text, size_t length, struct scope *scope)
{
    scope->is_class = skip_word(&text, &length, "class");
    if (!scope->is_class) {
        skip_word(&text, &length, "async");
        if (!skip_word(&text, &length, "def"))
            return false;
    }
    scope->name = text;
    scope->length = 0;
    while (scope->length < length && is_name(text[scope->length]))
        scope->length++;
    return scope->length > 0;
}

/* The scopes around the frame's line, innermost first; one that begins in the line is around it. */
static size_t scopes_of(struct ol_model *model, const struct ol_run *run,
                        const struct ol_frame *frame, struct scope *scopes)
{
    size_t count = 0, length, blanks, limit = SIZE_MAX;
    for (uint32_t line = frame->line; line && limit && count < DEPTH_MAX; line--) {
        const char *text = ol_source_raw(model->sources, run->cwd, frame->file, line, &length);
        if (!text)
            return 0;
        size_t column = indentation(text, length, &blanks);
        if (blanks == length || column >= limit)
            continue;
        if (opens_scope(text + blanks, length - blanks, &scopes[count])) {
            limit = column;
            count++;
        } else if (line == frame->line) {
            limit = column;
        }
    }
    return count;
}

static void put_scopes(struct obstack *pool, const struct scope *scopes, size_t from, size_t count)
{
    for (size_t i = count; i > from; i--) {
        obstack_grow(pool, scopes[i - 1].name, scopes[i - 1].length);
        const char *joint = scopes[i - 1].is_class ? "." : ".<locals>.";
        if (i - 1 > from)
            obstack_grow(pool, joint, strlen(joint));
    }
}

const char *ol_python_scope_name(struct ol_model *model, const struct ol_run *run,
                                 const struct ol_frame *frame)
{
    struct scope scopes[DEPTH_MAX];
    const char *name = frame->function;
    size_t size = strlen(name), from = 0;
    size_t count = model->sources ? scopes_of(model, run, frame, scopes) : 0;
    bool nameless = *name == '<'; /* "<lambda>", "<genexpr>" */
    while (!nameless && from < count &&
           (scopes[from].length != size || memcmp(scopes[from].name, name, size) != 0))
        from++;
    if (from >= count || strcmp(name, "<module>") == 0)
        return name;
    put_scopes(&model->pool, scopes, from, count);
    if (nameless) {
        const char *joint = scopes[from].is_class ? "." : ".<locals>.";
        obstack_grow(&model->pool, joint, strlen(joint));
        obstack_grow(&model->pool, name, size);
    }
    obstack_1grow(&model->pool, '\0');
    return obstack_finish(&model->pool);
}
