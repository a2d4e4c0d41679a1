/* SPDX-License-Identifier: MIT */
/* Public names of Python callables: what a user wrote, from what runs. Pure. Names only get shorter
 * or come from the table, so that a fixed buffer is enough. */
#include <string.h>

#include "inside.h"

static const struct alias {
    const char *found, *public;
} aliases[] = {
#define OL_PY_ALIAS(found, public) {found, public},
#include "aliases.def"
#undef OL_PY_ALIAS
};

struct name {
    char bytes[256];
};

static void set_name(struct name *name, const char *start, const char *rest)
{
    struct name made;
    struct ol_text text = OL_TEXT(made.bytes);
    ol_text_add(&text, start);
    ol_text_add(&text, *start == '\0' && *rest == '.' ? rest + 1 : rest);
    *name = made;
}

static bool apply(const struct alias *alias, struct name *name)
{
    size_t length = strlen(alias->found);
    bool whole = alias->found[length - 1] == '*';
    if (strncmp(name->bytes, alias->found, length - whole) != 0)
        return false;
    const char *rest = name->bytes + length - whole;
    if (!whole && *rest != '.' && *rest != '\0')
        return false;
    set_name(name, alias->public, whole ? "" : rest);
    return true;
}

/* Whether a row spoke: then the rest of the name is as the table wants it. */
static bool apply_all(struct name *name)
{
    bool any = false;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        any |= apply(&aliases[i], name);
    return any;
}

/* "_socket.socket" without its first underscore; "__main__.x" stays. */
static void bare_module(struct name *name)
{
    if (name->bytes[0] == '_' && name->bytes[1] != '_')
        memmove(name->bytes, name->bytes + 1, strlen(name->bytes));
}

/* "ssl._SSLContext.read" without the underscore of its type, which is its own private affair. */
static void bare_type(struct name *name)
{
    char *dot = strchr(name->bytes, '.');
    if (dot && dot[1] == '_' && dot[2] != '_' && strchr(dot + 1, '.'))
        memmove(dot + 1, dot + 2, strlen(dot + 2) + 1);
}

void ol_pyalias_native(struct ol_text *api, const char *native)
{
    struct name name;
    set_name(&name, native, "");
    if (!apply_all(&name)) {
        bare_module(&name);
        apply_all(&name);
    }
    bare_type(&name);
    ol_text_add(api, name.bytes);
}

/* Drops the private ends of a module that has a public parent: "pathlib._local". */
static void public_module(char *module)
{
    for (char *dot = strrchr(module, '.'); dot && dot[1] == '_'; dot = strrchr(module, '.'))
        *dot = '\0';
}

/* A qualified name without what a caller does not write: inner functions, __init__. */
static void public_function(struct ol_text *text, const char *function, bool hidden)
{
    static const char *const implied[] = {".<locals>", ".__init__", ".__new__", ".__post_init__"};
    size_t length = strlen(function);
    for (size_t i = 0; i < sizeof implied / sizeof *implied; i++) {
        const char *at = strstr(function, implied[i]);
        if (at && (size_t)(at - function) < length)
            length = (size_t)(at - function);
    }
    size_t last = length;
    while (last && function[last - 1] != '.')
        last--;
    ol_text_add_bytes(text, function, last);
    if (hidden && function[last] == '_' && function[last + 1] != '_')
        last++;
    ol_text_add_bytes(text, function + last, length - last);
}

void ol_pyalias_callable(struct ol_text *api, const char *module, const char *function, bool hidden)
{
    struct name name;
    struct ol_text text = OL_TEXT(name.bytes);
    ol_text_add(&text, module);
    public_module(name.bytes);
    text.length = strlen(name.bytes);
    ol_text_add_char(&text, '.');
    public_function(&text, function, hidden);
    if (!apply_all(&name))
        bare_module(&name);
    ol_text_add(api, name.bytes);
}
