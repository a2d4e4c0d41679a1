/* SPDX-License-Identifier: MIT */
/* How text goes out; JSON by stream.h. */
#include "outlet.h"

#include <stdarg.h>
#include <string.h>

#include "plain.h"
#include "pool.h"

static const struct way {
    const char *special;
    const char *format; /* of a special character, by its number */
} ways[OL_OUTLET_COUNT] = {
    [OL_OUTLET_line] = {"", ""},
    [OL_OUTLET_xml] = {"&<>\"'", "&#%d;"},
    /* Markdown takes an entity for text, never for syntax, so no name becomes a link, an image,
     * HTML, a mention or a new cell. */
    [OL_OUTLET_markdown] = {"!#$%&()*+:;<=>?@[\\]^_`{|}~", "&#%d;"},
    [OL_OUTLET_folded] = {";", "\\x%02x"}, /* ends a frame */
    /* the runner reads lines, and undoes %XX */
    [OL_OUTLET_github_message] = {"%\r\n", "%%%02X"},
    [OL_OUTLET_github_property] = {"%\r\n:,", "%%%02X"},
};

/* "www." begins a link in Markdown. */
static bool begins_link(enum ol_outlet outlet, char before, char c)
{
    return outlet == OL_OUTLET_markdown && c == '.' && (before == 'w' || before == 'W');
}

static void grow(struct obstack *pool, enum ol_outlet outlet, const char *plain)
{
    for (char before = ' '; *plain; before = *plain++) {
        char instead[8];
        int length = 0;
        if (strchr(ways[outlet].special, *plain) || begins_link(outlet, before, *plain))
            length = snprintf(instead, sizeof instead, ways[outlet].format, *plain);
        obstack_grow(pool, length ? instead : plain, length ? (size_t)length : 1);
    }
    obstack_1grow(pool, '\0');
}

const char *ol_outlet_text(struct obstack *pool, enum ol_outlet outlet, const char *bytes)
{
    grow(pool, outlet, ol_plain_text(pool, bytes));
    return obstack_finish(pool);
}

void ol_outlet_put(FILE *out, enum ol_outlet outlet, const char *bytes)
{
    struct obstack pool;
    ol_pool_begin(&pool);
    fputs(ol_outlet_text(&pool, outlet, bytes), out);
    ol_pool_end(&pool);
}

/* What is written at once is one message: only its last line end is one. */
static ssize_t write_message(void *to, const char *bytes, size_t size)
{
    struct obstack pool;
    bool ends = size && bytes[size - 1] == '\n';
    ol_pool_begin(&pool);
    fprintf(to, "%s%s", ol_plain_text(&pool, ol_pool_copy(&pool, bytes, size - ends)),
            ends ? "\n" : "");
    ol_pool_end(&pool);
    return (ssize_t)size;
}

FILE *ol_outlet_guard_stderr(void)
{
    FILE *before = stderr;
    FILE *guarded = fopencookie(before, "w", (cookie_io_functions_t){.write = write_message});
    if (!guarded)
        return before;
    setvbuf(guarded, NULL, _IONBF, 0); /* a call of fprintf() is a message then */
    stderr = guarded;
    return before;
}

void ol_outlet_unguard_stderr(FILE *before)
{
    FILE *guarded = stderr;
    stderr = before;
    if (guarded != before)
        fclose(guarded);
}
