/* SPDX-License-Identifier: MIT */
/* Characters in bytes that somebody else chose. The contract is in utf8.h. */
#include "utf8.h"

#include <string.h>

struct range {
    unsigned first, last;
};

/* In order. Unassigned default-ignorables are in it too: a terminal shows nothing for them. */
static const struct range hidden[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160},   {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
};

bool ol_utf8_is_hidden(unsigned character)
{
    if ((character & 0xfffe) == 0xfffe) /* the last two of each plane are no characters */
        return true;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden && character >= hidden[i].first; i++)
        if (character <= hidden[i].last)
            return true;
    return false;
}

/* By the first byte; 0: none begins with it. */
static size_t length_of(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xc2 ? 0
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 0;
}

size_t ol_utf8_decode(const char *bytes, size_t count, unsigned *character)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = count ? length_of((unsigned char)bytes[0]) : 0;
    if (!length || length > count)
        return 0;
    unsigned c = (unsigned char)bytes[0] & (length == 1 ? 0x7f : 0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((unsigned char)bytes[i] & 0x3f);
    }
    if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return length;
}

size_t ol_utf8_shown(const char *bytes, size_t count)
{
    size_t shown = 0;
    while (shown < count && bytes[shown]) {
        unsigned c = (unsigned char)bytes[shown];
        size_t length = c >= ' ' && c < 0x7f ? 1 : ol_utf8_decode(bytes + shown, count - shown, &c);
        if (!length || (length > 1 ? ol_utf8_is_hidden(c) : c < ' ' || c == 0x7f))
            break;
        shown += length;
    }
    return shown;
}

static void write_hex(char *escape, char letter, unsigned number, unsigned digits)
{
    escape[0] = '\\';
    escape[1] = letter;
    for (unsigned i = 0; i < digits; i++)
        escape[2 + i] = "0123456789abcdef"[number >> (4 * (digits - 1 - i)) & 15];
    escape[2 + digits] = '\0';
}

size_t ol_utf8_escape(const char *bytes, size_t count, char escape[static OL_UTF8_ESCAPE])
{
    static const char named[] = "abtnvfr"; /* from '\a' on */
    unsigned c;
    size_t length = ol_utf8_decode(bytes, count, &c);
    if (!length)
        write_hex(escape, 'x', (unsigned char)bytes[0], 2);
    else if (c >= '\a' && c <= '\r')
        memcpy(escape, (char[]){'\\', named[c - '\a'], '\0'}, 3);
    else if (c == '"' || c == '\\')
        memcpy(escape, (char[]){'\\', (char)c, '\0'}, 3);
    else if (c < 0x80)
        write_hex(escape, 'x', c, 2);
    else if (c < 0x10000)
        write_hex(escape, 'u', c, 4);
    else
        write_hex(escape, 'U', c, 8);
    return length ? length : 1;
}
