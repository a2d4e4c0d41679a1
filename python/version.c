/* SPDX-License-Identifier: MIT */
/* Which CPython it is, without a call into it. The contract is in inside.h.
 *
 * Py_GetVersion() is no way to know: up to 3.11 each call empties a static buffer and writes it
 * again. Another thread's call in between gave us "", and ours could give it to an extension module
 * that checks which interpreter it is loaded by. What is exported does not move: a number from 3.11
 * on, and the functions that came with a version before. */
#include "../detector/symbol.h"
#include "inside.h"

enum { MINOR_UNKNOWN };

/* The newest first. */
static const struct {
    const char *symbol;
    unsigned minor;
} came_with[] = {
    {"PyIter_Send", 10},
    {"PyFrame_GetBack", 9},
    {"PyCode_NewWithPosOnlyArgs", 8},
    {"PyInterpreterState_GetID", 7},
};

static void add_number(struct ol_text *text, unsigned long part, const char *before)
{
    ol_text_add(text, before);
    ol_text_add_unsigned(text, part & 0xff);
}

/* PY_VERSION_HEX: 0x030b02f0 is 3.11.2. */
static unsigned by_number(unsigned long number, struct ol_text *words)
{
    add_number(words, number >> 24, "");
    add_number(words, number >> 16, ".");
    add_number(words, number >> 8, ".");
    return (number >> 24 & 0xff) == 3 ? (unsigned)(number >> 16 & 0xff) : MINOR_UNKNOWN;
}

unsigned ol_pyversion_find(struct ol_text *words)
{
    const unsigned long *number = ol_symbol_address("Py_Version");
    if (number)
        return by_number(*number, words);
    for (size_t i = 0; i < sizeof came_with / sizeof *came_with; i++)
        if (ol_symbol_address(came_with[i].symbol)) {
            add_number(words, came_with[i].minor, "3.");
            return came_with[i].minor;
        }
    ol_text_add(words, "older than 3.7");
    return MINOR_UNKNOWN;
}
