/* Making bytes safe to show. Everything that the command prints from a record goes through here.
 * The C library decides what is printable and how wide it is. */
#include "plain.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "pool.h"

bool ol_plain_start(void)
{
    setlocale(LC_CTYPE, "");
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    setlocale(LC_CTYPE, "C.UTF-8");
    return utf8;
}

/* Length of the character at `bytes` (not NUL), 0 when it is none. */
static size_t decode(const char *bytes, wchar_t *character)
{
    mbstate_t state = {0};
    size_t length = mbrtowc(character, bytes, strnlen(bytes, 4), &state);
    return length == (size_t)-1 || length == (size_t)-2 ? 0 : length;
}

/* Characters that turn the direction of text around them: a name could show as another one. */
static bool turns_text(wchar_t c)
{
    return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static void grow_escape(struct obstack *pool, wchar_t c)
{
    static const char named[] = "abtnvfr"; /* from '\a' on */
    char escape[12];
    int length;
    if (c >= L'\a' && c <= L'\r')
        length = snprintf(escape, sizeof escape, "\\%c", named[c - L'\a']);
    else
        length = snprintf(escape, sizeof escape,
                          c < 0x80      ? "\\x%02x"
                          : c < 0x10000 ? "\\u%04x"
                                        : "\\U%08x",
                          (unsigned)c);
    obstack_grow(pool, escape, (size_t)length);
}

static void grow_byte(struct obstack *pool, unsigned char byte)
{
    char escape[8];
    obstack_grow(pool, escape, (size_t)snprintf(escape, sizeof escape, "\\x%02x", byte));
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
        wchar_t c;
        size_t run = ascii_run(bytes);
        obstack_grow(pool, bytes, run);
        bytes += run;
        if (!*bytes)
            break;
        size_t length = decode(bytes, &c);
        if (!length)
            grow_byte(pool, (unsigned char)*bytes);
        else if (for_terminal && (!iswprint((wint_t)c) || turns_text(c)))
            grow_escape(pool, c);
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

size_t ol_plain_control(const char *bytes, unsigned *number)
{
    wchar_t c;
    size_t length = *bytes ? decode(bytes, &c) : 0;
    if (!length || !((c >= 0x7f && c < 0xa0) || turns_text(c)))
        return 0;
    *number = (unsigned)c;
    return length;
}

/* Bytes and columns of the first character. */
static size_t step(const char *text, size_t *columns)
{
    wchar_t c;
    if (*text >= ' ' && *text <= '~') {
        *columns = 1;
        return 1;
    }
    size_t length = decode(text, &c);
    int width = length ? wcwidth(c) : 1;
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
