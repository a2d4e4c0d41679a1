/* SPDX-License-Identifier: MIT */
/* Line tables of CPython's code objects: co_lnotab, PEP 626's, the location table. The table is
 * copied piece by piece (ol_raw_peek), whatever its length, and never trusted to end well. */
#include "../detector/rawio.h"
#include "inside.h"

/* The bytes that are left, and a window on them. */
struct table {
    const unsigned char *address;
    size_t left;
    unsigned char window[256];
    unsigned at, filled;
};

static int next_byte(struct table *table)
{
    if (table->at == table->filled) {
        unsigned count = table->left < sizeof table->window ? (unsigned)table->left
                                                            : (unsigned)sizeof table->window;
        if (!count || !ol_raw_peek(table->address, table->window, count))
            return -1;
        table->address += count;
        table->left -= count;
        table->at = 0;
        table->filled = count;
    }
    return table->window[table->at++];
}

/* Pairs: bytes to the next change, lines to add there. */
static uint32_t in_lnotab(struct table *table, int64_t line, int64_t at)
{
    int64_t address = 0;
    for (int step = next_byte(table); step >= 0; step = next_byte(table)) {
        int delta = next_byte(table);
        address += step;
        if (delta < 0 || address > at)
            break;
        line += (int8_t)delta;
    }
    return line > 0 ? (uint32_t)line : 0;
}

/* Pairs: length of a range, lines to add at its start; -128 for a range without a line. */
static uint32_t in_linetable(struct table *table, int64_t line, int64_t at)
{
    int64_t end = 0;
    for (int length = next_byte(table); length >= 0; length = next_byte(table)) {
        int delta = next_byte(table);
        if (delta < 0)
            break;
        if ((int8_t)delta != -128)
            line += (int8_t)delta;
        end += length;
        if (end > at)
            return (int8_t)delta == -128 || line < 0 ? 0 : (uint32_t)line;
    }
    return 0;
}

/* Six bits a byte, the lowest first, 0x40 for more; the lowest bit of the whole is the sign. */
static int64_t signed_number(struct table *table)
{
    uint64_t number = 0;
    int byte = 0x40;
    for (unsigned shift = 0; byte >= 0 && byte & 0x40 && shift < 60; shift += 6) {
        byte = next_byte(table);
        if (byte >= 0)
            number |= (uint64_t)(byte & 0x3f) << shift;
    }
    return number & 1 ? -(int64_t)(number >> 1) : (int64_t)(number >> 1);
}

enum { KIND_ONE_LINE = 10, KIND_NO_COLUMNS = 13, KIND_LONG = 14, KIND_NO_LINE = 15 };

/* Entries start with a byte that has its top bit set (kind and length in code units); the others of
 * an entry have not. */
static uint32_t in_locations(struct table *table, int64_t line, int64_t at)
{
    int64_t end = 0;
    for (int head = next_byte(table); head >= 0; head = next_byte(table)) {
        if (!(head & 0x80))
            continue; /* the columns of the last entry */
        int kind = head >> 3 & 15;
        if (kind == KIND_NO_COLUMNS || kind == KIND_LONG)
            line += signed_number(table);
        else if (kind >= KIND_ONE_LINE && kind < KIND_NO_COLUMNS)
            line += kind - KIND_ONE_LINE;
        end += ((head & 7) + 1) * 2;
        if (end > at)
            return kind == KIND_NO_LINE || line < 0 ? 0 : (uint32_t)line;
    }
    return 0;
}

uint32_t ol_pylines_find(enum ol_pylines format, const void *table, size_t size,
                         uint32_t first_line, int64_t at)
{
    struct table reader = {.address = table, .left = size};
    if (at < 0)
        return first_line;
    switch (format) {
    case OL_PYLINES_LNOTAB:
        return in_lnotab(&reader, first_line, at);
    case OL_PYLINES_LINETABLE:
        return in_linetable(&reader, first_line, at);
    default:
        return in_locations(&reader, first_line, at);
    }
}

/* `where` as an offset in bytes into the code. */
static int64_t instruction_of(const struct ol_runtime_frame *frame)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (layout->lines == OL_PYLINES_LNOTAB)
        return (int64_t)(intptr_t)frame->where;
    if (layout->lines == OL_PYLINES_LINETABLE)
        return (int64_t)(intptr_t)frame->where * 2;
    return (int64_t)(frame->where - ((uintptr_t)frame->code + layout->code_instructions));
}

uint32_t ol_pylines_frame(const struct ol_runtime_frame *frame)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const char *table = ol_pyread_pointer(frame->code, layout->code_linetable);
    if (!ol_pyread_is(table, ol_pyruntime.bytes))
        return 0;
    return ol_pylines_find(
        layout->lines, table + OL_PYBYTES_START, ol_pyread_word(table, OL_PYOBJECT_SIZE),
        ol_pyread_word(frame->code, layout->code_firstline), instruction_of(frame));
}
