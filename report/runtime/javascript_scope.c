/* SPDX-License-Identifier: MIT */
/* What a function of JavaScript is inside of: V8 names a method without its class. The file is read
 * from its beginning, token by token, up to the function's name: what counts are braces, and what
 * stands before them. No parser: what it takes wrongly makes a name that is odd, but the same each
 * time. */
#include "javascript_scope.h"

#include <string.h>

#include "../source.h"

enum { DEPTH_MAX = 64, NAME_MAX_LENGTH = 64 };

struct scope {
    char name[NAME_MAX_LENGTH]; /* "": a block */
    char closes;                /* '}', or ')' */
};

struct reader {
    struct scope scopes[DEPTH_MAX];
    int depth;
    char word[NAME_MAX_LENGTH];  /* the last one */
    char named[NAME_MAX_LENGTH]; /* what the next '{' belongs to */
    char before;                 /* the last character that is no blank */
    char inside;                 /* of a string: its quote; '*': of a comment */
    bool names; /* the word before was `class` or `function`: the next one is a name */
};

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '#' || (unsigned char)c >= 0x80;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static void set(char *to, const char *from)
{
    memcpy(to, from, NAME_MAX_LENGTH);
}

static bool is_among_arguments(const struct reader *reader)
{
    return reader->depth && reader->scopes[reader->depth - 1].closes == ')';
}

static size_t read_word(struct reader *reader, const char *text, size_t length)
{
    static const char *const named[] = {"class", "function", NULL};
    size_t size = 0;
    while (size < length && is_name(text[size]))
        size++;
    size_t kept = size < NAME_MAX_LENGTH - 1 ? size : NAME_MAX_LENGTH - 1;
    memset(reader->word, 0, sizeof reader->word);
    memcpy(reader->word, text, kept);
    if (reader->names && strcmp(reader->word, "extends") != 0)
        set(reader->named, reader->word);
    reader->names = is_one_of(reader->word, named);
    reader->before = 'a';
    return size;
}

static void open_scope(struct reader *reader, char closes)
{
    if (reader->depth == DEPTH_MAX)
        return;
    bool argument = is_among_arguments(reader);
    struct scope *scope = &reader->scopes[reader->depth++];
    scope->closes = closes;
    memset(scope->name, 0, sizeof scope->name);
    if (closes == '}' && !argument) {
        set(scope->name, reader->named);
        memset(reader->named, 0, sizeof reader->named);
    }
}

static void close_scope(struct reader *reader, char closes)
{
    while (reader->depth && reader->scopes[reader->depth - 1].closes != closes)
        reader->depth--;
    reader->depth -= reader->depth > 0;
}

/* `name(…) {`, `name = {`, `name: {`: not what steers. */
static void read_sign(struct reader *reader, char c)
{
    static const char *const steering[] = {"if",      "for",   "while",    "switch", "catch",
                                           "return",  "with",  "else",     "do",     "try",
                                           "finally", "class", "function", NULL};
    bool word = reader->before == 'a' && !is_one_of(reader->word, steering);
    if (strchr("(=:", c) && word && !*reader->named)
        set(reader->named, reader->word);
    if (c == '{' || c == '(')
        open_scope(reader, c == '{' ? '}' : ')');
    if (c == '}' || c == ')')
        close_scope(reader, c);
    if (strchr(";,}", c) && !is_among_arguments(reader))
        memset(reader->named, 0, sizeof reader->named);
    reader->names = reader->names && c == '*'; /* function* */
    reader->before = c;
}

/* A '/' where a value is wanted begins a regular expression. */
static bool is_regular_expression(const struct reader *reader)
{
    static const char *const wanting[] = {"return", "typeof", "case", "in", "of", NULL};
    return reader->before == 'a' ? is_one_of(reader->word, wanting)
                                 : !strchr(")]}", reader->before);
}

/* What begins here and is no code; how much of it is in this line. */
static size_t skip_inside(struct reader *reader, const char *text, size_t length)
{
    size_t i = 0;
    for (; i < length && reader->inside; i++) {
        if (text[i] == '\\' && reader->inside != '*')
            i++;
        else if (reader->inside == '*' ? text[i] == '*' && i + 1 < length && text[i + 1] == '/'
                                       : text[i] == reader->inside) {
            i += reader->inside == '*';
            reader->inside = '\0';
        }
    }
    return i < length ? i : length;
}

static size_t begin_inside(struct reader *reader, const char *text, size_t length)
{
    bool comment = *text == '/' && length > 1 && (text[1] == '/' || text[1] == '*');
    if (comment && text[1] == '/')
        return length;
    if (comment || strchr("'\"`", *text) || (*text == '/' && is_regular_expression(reader))) {
        reader->inside = comment ? '*' : *text;
        if (!comment)
            reader->before = ')'; /* a value */
        return comment ? 2 : 1;
    }
    return 0;
}

/* Up to the function's name, or to the end of the line. True: it was there. */
static bool read_line(struct reader *reader, const char *text, size_t length, const char *until)
{
    size_t size = until ? strlen(until) : 0;
    for (size_t i = 0; i < length;) {
        size_t step = reader->inside ? skip_inside(reader, text + i, length - i)
                                     : begin_inside(reader, text + i, length - i);
        if (step) {
            i += step;
        } else if (is_name(text[i])) {
            step = read_word(reader, text + i, length - i);
            if (until && step == size && memcmp(text + i, until, size) == 0)
                return true;
            i += step;
        } else {
            if (text[i] != ' ' && text[i] != '\t')
                read_sign(reader, text[i]);
            i++;
        }
    }
    if (reader->inside && !strchr("*`", reader->inside)) /* no string goes over the end */
        reader->inside = '\0';
    return false;
}

static bool read_file(struct ol_model *model, const struct ol_run *run,
                      const struct ol_frame *frame, struct reader *reader)
{
    for (uint32_t line = 1; line <= frame->line; line++) {
        size_t length;
        const char *text = ol_source_raw(model->sources, run->cwd, frame->file, line, &length);
        if (!text || length >= OL_SOURCE_LONGEST)
            return false; /* machine-made */
        if (read_line(reader, text, length, line == frame->line ? frame->function : NULL))
            return true;
    }
    return *frame->function == '(';
}

const char *ol_javascript_scope_name(struct ol_model *model, const struct ol_run *run,
                                     const struct ol_frame *frame)
{
    struct reader reader = {.before = ';'};
    if (!model->sources || *frame->function == '<' || strchr(frame->function, '.') ||
        !read_file(model, run, frame, &reader))
        return frame->function;
    for (int i = 0; i < reader.depth; i++)
        if (*reader.scopes[i].name) {
            obstack_grow(&model->pool, reader.scopes[i].name, strlen(reader.scopes[i].name));
            obstack_1grow(&model->pool, '.');
        }
    obstack_grow0(&model->pool, frame->function, strlen(frame->function));
    return obstack_finish(&model->pool);
}
