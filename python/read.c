/* SPDX-License-Identifier: MIT */
/* Reading CPython's objects as plain memory. The contract is in inside.h. Nothing here trusts a
 * pointer: other threads run, and value stacks hold stale ones. */
#include <string.h>

#include "../detector/rawio.h"
#include "inside.h"

const void *ol_pyread_pointer(const void *object, size_t offset)
{
    const void *pointer;
    return object && ol_raw_peek((const char *)object + offset, &pointer, sizeof pointer) ? pointer
                                                                                          : NULL;
}

uint32_t ol_pyread_word(const void *object, size_t offset)
{
    uint32_t word;
    return object && ol_raw_peek((const char *)object + offset, &word, sizeof word) ? word : 0;
}

bool ol_pyread_is(const void *object, const void *type)
{
    return type && ol_pyread_pointer(object, OL_PYOBJECT_TYPE) == type;
}

/* PyASCIIObject, as far as every version has it. */
struct str_head {
    uintptr_t references;
    const void *type;
    int64_t length;
    int64_t hash;
    uint32_t state; /* interned:2 kind:3 compact:1 ascii:1 */
};

static void add_code_point(struct ol_text *text, uint32_t c)
{
    if (c < 0x80 ||
        (c >= 0xdc80 && c <= 0xdcff)) { /* surrogateescape: a byte of a name that was not UTF-8 */
        ol_text_add_char(text, (char)(c & 0xff));
        return;
    }
    char bytes[4];
    unsigned length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (unsigned i = length - 1; i; i--, c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)((0xf00 >> length & 0xff) | c);
    ol_text_add_bytes(text, bytes, length);
}

static uint32_t unit_at(const char *units, unsigned kind, size_t index)
{
    uint16_t two;
    uint32_t four;
    if (kind == 1)
        return (unsigned char)units[index];
    if (kind == 2)
        return memcpy(&two, units + index * 2, 2), two;
    return memcpy(&four, units + index * 4, 4), four;
}

static void add_units(struct ol_text *text, const char *units, size_t count, unsigned kind)
{
    for (size_t i = 0; i < count; i++)
        add_code_point(text, unit_at(units, kind, i));
}

static bool add_units_at(struct ol_text *text, const char *data, size_t length, unsigned kind)
{
    char units[256];
    while (length && !text->cut) {
        size_t count = length < sizeof units / kind ? length : sizeof units / kind;
        if (!ol_raw_peek(data, units, count * kind))
            return false;
        add_units(text, units, count, kind);
        data += count * kind;
        length -= count;
    }
    return true;
}

/* A head and the characters that mostly follow it: one system call where memory allows, as it
 * nearly always does. */
union str_start {
    struct str_head head;
    char bytes[200];
};

static size_t read_start(const void *object, union str_start *start)
{
    if (!object)
        return 0;
    if (ol_raw_peek(object, start->bytes, sizeof start->bytes))
        return sizeof start->bytes;
    return ol_raw_peek(object, &start->head, sizeof start->head) ? sizeof start->head : 0;
}

bool ol_pyread_str(const void *object, char *bytes, size_t size)
{
    union str_start start;
    struct ol_text text = ol_text_in(bytes, size);
    size_t got = read_start(object, &start);
    if (!got || start.head.type != ol_pyruntime.str || start.head.length < 0 ||
        start.head.length > INT32_MAX)
        return false;
    unsigned kind = start.head.state >> 2 & 7;
    bool compact = start.head.state >> 5 & 1;
    bool ascii = start.head.state >> 6 & 1;
    if (kind != 1 && kind != 2 && kind != 4)
        return false;
    size_t length = (size_t)start.head.length;
    if (!compact) { /* up to 3.11: the characters stand apart, by a pointer after the largest head
                     */
        const char *apart = ol_pyread_pointer(object, ol_pyruntime.layout.str_compact);
        return apart && add_units_at(&text, apart, length, kind);
    }
    size_t offset = ascii ? ol_pyruntime.layout.str_ascii : ol_pyruntime.layout.str_compact;
    if (offset + length * kind > got)
        return add_units_at(&text, (const char *)object + offset, length, kind);
    add_units(&text, start.bytes + offset, length, kind);
    return true;
}

bool ol_pyread_chars(const char *address, char *bytes, size_t size)
{
    struct ol_text text = ol_text_in(bytes, size);
    char chunk[32]; /* up to a multiple of its size: never over the end of a page that the string
                       does not reach */
    while (address && !text.cut) {
        size_t count = sizeof chunk - (uintptr_t)address % sizeof chunk;
        if (!ol_raw_peek(address, chunk, count))
            return false;
        size_t length = strnlen(chunk, count);
        ol_text_add_bytes(&text, chunk, length);
        if (length < count)
            return true;
        address += count;
    }
    return address != NULL;
}
