/* SPDX-License-Identifier: MIT */
/* What tells a code object from an earlier one at the same address: freed code lends its address to
 * the next, and everything that hangs on it may lie where the earlier one's did. Hot: once a frame
 * of every hit, by python.c, for code that the calling thread is running (so it is there).
 *
 * From 3.12 on the interpreter numbers its code objects. Before, it is their file, name and first
 * line, by content. */
#ifndef OFFLOOP_PYTHON_CODE_H
#define OFFLOOP_PYTHON_CODE_H

#include <string.h>

#include "inside.h"

/* The file that was looked at last: frames next to each other often share it. Zeroed: none. */
struct ol_pycode_file {
    const void *name;
    uint64_t hash;
};

static inline uint64_t ol_pycode_word(const void *object, size_t offset)
{
    uint64_t word;
    memcpy(&word, (const char *)object + offset, sizeof word);
    return word;
}

enum { OL_PYSTR_LENGTH = 16, OL_PYSTR_HASH = 24, OL_PYSTR_STATE = 32 };

/* All characters of a compact str, from the end on, so that no byte behind it is read; what is read
 * before its beginning is its own head. */
static inline uint64_t ol_pycode_content(const struct ol_pylayout *layout, const void *str)
{
    uint64_t hash = ol_pycode_word(str, OL_PYSTR_LENGTH);
    uint32_t state = (uint32_t)ol_pycode_word(str, OL_PYSTR_STATE);
    size_t size = (size_t)hash * (state >> 2 & 7);
    if (!(state >> 5 & 1)) /* its characters lie elsewhere: old C extensions make such */
        return hash;
    const char *start = (const char *)str +
                        (state >> 6 & 1 ? layout->str_ascii : layout->str_compact);
    for (const char *end = start + size; end > start; end -= sizeof hash)
        hash = (hash << 5 | hash >> 59) + ol_pycode_word(end, 0 - sizeof hash);
    return hash;
}

static inline uint64_t ol_pycode_stamp(const struct ol_pylayout *layout, const void *code,
                                       struct ol_pycode_file *file)
{
    if (layout->code_version) {
        uint32_t version;
        memcpy(&version, (const char *)code + layout->code_version, sizeof version);
        return version;
    }
    const void *name = (const void *)ol_pycode_word(code, layout->code_filename);
    const void *function = (const void *)ol_pycode_word(code, layout->code_name);
    if (name != file->name) {
        file->name = name;
        file->hash = ol_pycode_content(layout, name);
    }
    /* names are interned: their hash is there */
    return file->hash + ol_pycode_word(function, OL_PYSTR_HASH) +
           (uint32_t)ol_pycode_word(code, layout->code_firstline);
}

#endif
