/* SPDX-License-Identifier: MIT */
/* Text built in a fixed buffer. The contract is in text.h. */
#include "text.h"

#include <string.h>

#include "utf8.h"

struct ol_text ol_text_in(char *buffer, size_t size)
{
    buffer[0] = '\0';
    return (struct ol_text){.bytes = buffer, .size = size};
}

void ol_text_add_bytes(struct ol_text *text, const char *bytes, size_t count)
{
    size_t room = text->size - 1 - text->length;
    if (count > room) {
        count = room;
        text->cut = true;
    }
    memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void ol_text_add(struct ol_text *text, const char *string)
{
    if (string)
        ol_text_add_bytes(text, string, strlen(string));
}

void ol_text_add_char(struct ol_text *text, char c)
{
    ol_text_add_bytes(text, &c, 1);
}

/* Digits of `number` in `base`, at the end of `digits`; returns the first. */
static char *digits_of(uint64_t number, unsigned base, char digits[static 24])
{
    char *first = digits + 23;
    *first = '\0';
    do {
        *--first = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    return first;
}

void ol_text_add_unsigned(struct ol_text *text, uint64_t number)
{
    char digits[24];
    ol_text_add(text, digits_of(number, 10, digits));
}

void ol_text_add_signed(struct ol_text *text, int64_t number)
{
    if (number < 0)
        ol_text_add_char(text, '-');
    ol_text_add_unsigned(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void ol_text_add_hex(struct ol_text *text, uint64_t number)
{
    char digits[24];
    ol_text_add(text, "0x");
    ol_text_add(text, digits_of(number, 16, digits));
}

/* All of it or nothing, and then nothing more: half an escape or half a character would be another.
 */
static void add_whole(struct ol_text *text, const char *bytes, size_t count)
{
    if (count > text->size - 1 - text->length) {
        text->cut = true;
        text->size = text->length + 1;
    } else {
        ol_text_add_bytes(text, bytes, count);
    }
}

/* Cut at a character's end. */
static void add_shown(struct ol_text *text, const char *bytes, size_t count)
{
    size_t room = text->size - 1 - text->length;
    if (count > room) {
        while (room && (bytes[room] & 0xc0) == 0x80)
            room--;
        add_whole(text, bytes, room);
    }
    add_whole(text, bytes, count);
}

static size_t shown_without(const char *special, const char *bytes, size_t count)
{
    size_t shown = ol_utf8_shown(bytes, count);
    for (size_t i = 0; i < shown && *special; i++)
        if (strchr(special, bytes[i]))
            return i;
    return shown;
}

static void add_safely(struct ol_text *text, const char *bytes, size_t count, const char *special)
{
    size_t i = 0;
    while (i < count && bytes[i] && !text->cut) {
        char escape[OL_UTF8_ESCAPE];
        size_t shown = shown_without(special, bytes + i, count - i);
        add_shown(text, bytes + i, shown);
        i += shown;
        if (i == count || !bytes[i])
            break;
        i += ol_utf8_escape(bytes + i, count - i, escape);
        add_whole(text, escape, strlen(escape));
    }
}

void ol_text_add_escaped(struct ol_text *text, const char *bytes, size_t count)
{
    add_safely(text, bytes, count, "\"\\");
}

void ol_text_add_plain(struct ol_text *text, const char *bytes)
{
    add_safely(text, bytes, strlen(bytes), "");
}

/* Three significant digits, rounded: 49.96 ms is "50 ms". */
void ol_text_add_duration(struct ol_text *text, uint64_t ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    unsigned unit = 0;
    uint64_t hundredths = ns * 100;
    if (ns > UINT64_MAX / 200) { /* sleep(UINT_MAX): years */
        hundredths = ns / 10000000;
        unit = 3;
    }
    while (unit < 3 && hundredths >= 99950) {
        hundredths = (hundredths + 500) / 1000;
        unit++;
    }
    uint64_t step = hundredths >= 9995 ? 100 : hundredths >= 1000 ? 10 : 1;
    hundredths = (hundredths + step / 2) / step * step;
    ol_text_add_unsigned(text, hundredths / 100);
    if (hundredths % 100) {
        ol_text_add_char(text, '.');
        ol_text_add_unsigned(text, hundredths % 100 / 10);
        if (hundredths % 10)
            ol_text_add_unsigned(text, hundredths % 10);
    }
    ol_text_add_char(text, ' ');
    ol_text_add(text, units[unit]);
}
