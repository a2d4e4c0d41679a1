/* SPDX-License-Identifier: MIT */
/* printf's formats in words, for the system log: no stdio. The contract is in argument_inside.h. */
#include <stdarg.h>
#include <string.h>

#include "argument_inside.h"
#include "rawio.h"

/* One conversion: "%-10.3ld". */
struct conversion {
    const char *start, *end;
    char letter;
    unsigned longs; /* of l, or of what is as long */
    bool large;     /* long double */
    size_t most;    /* bytes of a string */
};

/* A width or a precision; `*` takes it from the list. */
static const char *read_number(const char *at, va_list *list, long *number)
{
    if (*at == '*') {
        *number = va_arg(*list, int);
        return at + 1;
    }
    for (*number = 0; *at >= '0' && *at <= '9' && *number < 100000; at++)
        *number = *number * 10 + (*at - '0');
    return at;
}

static struct conversion read_conversion(const char *start, va_list *list)
{
    struct conversion found = {.start = start, .most = OL_ARGUMENT_LONGEST - 1};
    long number;
    const char *at = start + 1 + strspn(start + 1, "-+ #0'I");
    at = read_number(at, list, &number);
    if (*at == '.') {
        at = read_number(at + 1, list, &number);
        if (number >= 0 && (size_t)number < found.most)
            found.most = (size_t)number;
    }
    for (; *at && strchr("hlqjztL", *at); at++) {
        found.longs += *at != 'h' && *at != 'L';
        found.large |= *at == 'L';
    }
    found.letter = *at;
    found.end = *at ? at + 1 : at;
    return found;
}

static void add_string(struct ol_text *text, const char *string, size_t most)
{
    char copy[OL_ARGUMENT_LONGEST];
    if (most == 0)
        return;
    if (string && ol_raw_peek_string(string, copy, most + 1))
        ol_text_add(text, copy);
    else
        ol_text_add(text, string ? "(unreadable)" : "(null)");
}

static void add_octal(struct ol_text *text, uint64_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 8);
    while (number /= 8);
    ol_text_add_bytes(text, digits + at, sizeof digits - at);
}

static void add_hex(struct ol_text *text, uint64_t number, bool upper)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[number % 16];
    while (number /= 16);
    ol_text_add_bytes(text, digits + at, sizeof digits - at);
}

static void add_unsigned(struct ol_text *text, const struct conversion *of, uint64_t number)
{
    if (of->letter == 'u')
        ol_text_add_unsigned(text, number);
    else if (of->letter == 'o')
        add_octal(text, number);
    else
        add_hex(text, number, of->letter == 'X');
}

/* Taken from the list, shown as it is written. */
static void pass_floating(struct ol_text *text, const struct conversion *of, va_list *list)
{
    if (of->large)
        (void)va_arg(*list, long double);
    else
        (void)va_arg(*list, double);
    ol_text_add_bytes(text, of->start, (size_t)(of->end - of->start));
}

/* False: what comes next in the list is not known any more. */
static bool add_conversion(struct ol_text *text, const struct conversion *of, va_list *list)
{
    switch (of->letter) {
    case '%':
        ol_text_add_char(text, '%');
        return true;
    case 'd':
    case 'i':
        ol_text_add_signed(text, of->longs ? va_arg(*list, long) : va_arg(*list, int));
        return true;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        add_unsigned(text, of, of->longs ? va_arg(*list, unsigned long) : va_arg(*list, unsigned));
        return true;
    case 'c':
        ol_text_add_char(text, (char)va_arg(*list, int));
        return true;
    case 'p':
        ol_text_add_hex(text, (uintptr_t)va_arg(*list, void *));
        return true;
    case 's':
        if (of->longs) /* wide characters */
            return false;
        add_string(text, va_arg(*list, const char *), of->most);
        return true;
    default:
        if (!of->letter || !strchr("aAeEfFgG", of->letter))
            return false;
        pass_floating(text, of, list);
        return true;
    }
}

static void add_all(struct ol_text *text, const char *format, va_list *list)
{
    for (const char *at = format; *at;) {
        const char *next = strchrnul(at, '%');
        ol_text_add_bytes(text, at, (size_t)(next - at));
        if (!*next || text->cut)
            return;
        if (next[1] == 'm') { /* what the error is is the program's to say */
            ol_text_add(text, "%m");
            at = next + 2;
            continue;
        }
        struct conversion conversion = read_conversion(next, list);
        if (!add_conversion(text, &conversion, list)) {
            ol_text_add(text, next);
            return;
        }
        at = conversion.end;
    }
}

void ol_argument_add_format(struct ol_text *text, const char *format, const void *list)
{
    char copy[OL_ARGUMENT_LONGEST];
    va_list rest;
    if (!format || !ol_raw_peek_string(format, copy, sizeof copy)) {
        ol_argument_add_string(text, format);
        return;
    }
    va_copy(rest, *(va_list *)(uintptr_t)list);
    add_all(text, copy, &rest);
    va_end(rest);
}
