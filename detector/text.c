/* Text built in a fixed buffer. Called by everything in the guest process that makes words; the
 * contract is in text.h. */
#include "text.h"

#include <string.h>

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

static void add_escape(struct ol_text *text, unsigned char c)
{
    static const char named[] = "abtnvfr"; /* from '\a' on */
    char escape[5] = {'\\', (char)c, '\0'};
    if (c >= '\a' && c <= '\r')
        escape[1] = named[c - '\a'];
    else if (c < ' ' || c == 0x7f) {
        escape[1] = 'x';
        escape[2] = "0123456789abcdef"[c >> 4];
        escape[3] = "0123456789abcdef"[c & 15];
    }
    ol_text_add(text, escape);
}

/* Controls of eight bits, and marks that turn the direction of the text around them. */
static bool is_hidden(unsigned c)
{
    return (c >= 0x80 && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The hidden character that begins here, in UTF-8, and its length; 0 when there is none. */
static size_t find_hidden(const unsigned char *bytes, size_t count, unsigned *c)
{
    size_t length = (bytes[0] & 0xe0) == 0xc0 ? 2 : (bytes[0] & 0xf0) == 0xe0 ? 3 : 0;
    if (!length || length > count)
        return 0;
    *c = bytes[0] & (length == 2 ? 0x1f : 0x0f);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        *c = *c << 6 | (bytes[i] & 0x3f);
    }
    return is_hidden(*c) ? length : 0;
}

static void add_hidden(struct ol_text *text, unsigned c)
{
    char escape[7] = "\\u";
    for (int i = 0; i < 4; i++)
        escape[2 + i] = "0123456789abcdef"[c >> (12 - 4 * i) & 15];
    ol_text_add(text, escape);
}

void ol_text_add_escaped(struct ol_text *text, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && bytes[i]; i++) {
        unsigned char c = (unsigned char)bytes[i];
        unsigned hidden;
        size_t length = find_hidden((const unsigned char *)bytes + i, count - i, &hidden);
        if (length) {
            add_hidden(text, hidden);
            i += length - 1;
        } else if (c < ' ' || c == 0x7f || c == '"' || c == '\\')
            add_escape(text, c);
        else
            ol_text_add_char(text, bytes[i]);
    }
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
