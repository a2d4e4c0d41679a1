/* SPDX-License-Identifier: MIT */
/* Secrets that stand in a program's text: reports go further than sources. Only literals are
 * masked, so that code stays what it is. */
#include <string.h>

#include "detector/secret.h"
#include "source.h"

#define LONGEST (2 * OL_SOURCE_LONGEST)

static const char *end_of_literal(const char *at, const char *end)
{
    char quote = *at++;
    while (at < end && *at != quote)
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    return at < end ? at : end;
}

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* What a literal is the value of: `name = "…"`, `"name": "…"`; "" for none. */
static const char *name_before(struct obstack *pool, const char *line, const char *literal)
{
    const char *to = literal;
    while (to > line && to[-1] == ' ')
        to--;
    if (to == line || !strchr("=:", to[-1]))
        return "";
    for (to--; to > line && strchr(" \"'", to[-1]); to--)
        ;
    const char *from = to;
    while (from > line && is_of_name(from[-1]))
        from--;
    return from < to ? ol_pool_format(pool, "%.*s=", (int)(to - from), from) : "";
}

/* With its quotes: what is read behind `name=` ends with them. */
static const char *masked_literal(struct obstack *pool, const char *name, const char *literal,
                                  size_t length)
{
    char bytes[LONGEST];
    struct ol_text text = OL_TEXT(bytes);
    ol_secret_add(&text, ol_pool_format(pool, "%s%.*s", name, (int)length, literal));
    return ol_pool_string(pool, bytes + strlen(name));
}

const char *ol_source_mask(struct obstack *pool, const char *line, size_t length)
{
    const char *masked = "", *end = line + length, *from = line;
    for (const char *at = line; at < end; at++) {
        if (*at != '"' && *at != '\'')
            continue;
        const char *last = end_of_literal(at, end);
        size_t size = (size_t)(last - at) + (last < end);
        const char *literal = masked_literal(pool, name_before(pool, line, at), at, size);
        masked = ol_pool_format(pool, "%s%.*s%s", masked, (int)(at - from), from, literal);
        from = at + size;
        at = from - 1;
    }
    return ol_pool_format(pool, "%s%.*s", masked, (int)(end - from), from);
}
