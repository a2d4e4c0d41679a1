/* SPDX-License-Identifier: MIT */
/* Making bytes safe to show. Everything that the command prints from a record goes through here.
 * detector/utf8.h says what is a character and what may be shown, and the C library how wide it is.
 */
#include "plain.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "detector/utf8.h"
#include "pool.h"

bool ol_plain_start(void)
{
    setlocale(LC_CTYPE, "");
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    setlocale(LC_CTYPE, "C.UTF-8");
    return utf8;
}

/* Length of the character at `bytes` (not NUL), 0 when it is none. Not by mbrtowc(): that takes
 * numbers above U+10FFFF. */
static size_t decode(const char *bytes, unsigned *character)
{
    return ol_utf8_decode(bytes, strnlen(bytes, 4), character);
}

static void grow_escape(struct obstack *pool, const char *bytes)
{
    char escape[OL_UTF8_ESCAPE];
    ol_utf8_escape(bytes, strnlen(bytes, 4), escape);
    obstack_grow(pool, escape, strlen(escape));
}

/* How many bytes are printable ASCII. Nearly all are: asking the locale about each would take most
 * of a report's time. */
static size_t ascii_run(const char *bytes)
{
    size_t count = 0;
    while (bytes[count] >= ' ' && bytes[count] <= '~')
        count++;
    return count;
}

static char *make(struct obstack *pool, const char *bytes, bool for_terminal)
{
    for (;;) {
        unsigned c;
        size_t run = ascii_run(bytes);
        obstack_grow(pool, bytes, run);
        bytes += run;
        if (!*bytes)
            break;
        size_t length = decode(bytes, &c);
        if (!length || (for_terminal && (!iswprint((wint_t)c) || ol_utf8_is_hidden(c))))
            grow_escape(pool, bytes);
        else
            obstack_grow(pool, bytes, length);
        bytes += length ? length : 1;
    }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

char *ol_plain_text(struct obstack *pool, const char *bytes)
{
    return make(pool, bytes, true);
}

char *ol_plain_utf8(struct obstack *pool, const char *bytes)
{
    return make(pool, bytes, false);
}

size_t ol_plain_hidden(const char *bytes, unsigned *number)
{
    size_t length = *bytes ? decode(bytes, number) : 0;
    return length && ol_utf8_is_hidden(*number) ? length : 0;
}

/* Bytes and columns of the first character. */
static size_t step(const char *text, size_t *columns)
{
    unsigned c;
    if (*text >= ' ' && *text <= '~') {
        *columns = 1;
        return 1;
    }
    size_t length = decode(text, &c);
    int width = length ? wcwidth((wchar_t)c) : 1;
    *columns = width > 0 ? (size_t)width : 0;
    return length ? length : 1;
}

size_t ol_plain_width(const char *text)
{
    size_t all = ascii_run(text), columns;
    for (text += all; *text; text += step(text, &columns), all += columns)
        ;
    return all;
}

/* Where `columns` columns of `text` end. */
static const char *skip(const char *text, size_t columns)
{
    size_t width, length;
    while (*text && (length = step(text, &width), width <= columns)) {
        columns -= width;
        text += length;
    }
    return text;
}

const char *ol_plain_cut(struct obstack *pool, const char *text, size_t columns, bool tail,
                         const char *mark)
{
    size_t width = ol_plain_width(text), mark_width = ol_plain_width(mark);
    if (width <= columns)
        return text;
    size_t kept = columns > mark_width ? columns - mark_width : 0;
    if (tail)
        return ol_pool_format(pool, "%s%s", mark, skip(text, width - kept));
    return ol_pool_format(pool, "%.*s%s", (int)(skip(text, kept) - text), text, mark);
}
