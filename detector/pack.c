/* SPDX-License-Identifier: MIT */
/* Rule packs, as the assembler takes them in. rules_stamp.h changes when one of them does, which is
 * how the build knows. */
#include "pack.h"

#include <string.h>

#include "rules_stamp.h"

#define PACK(id, name, when, prefixes)                                                             \
    __asm__(".pushsection .rodata\n"                                                               \
            ".local ol_pack_text_" #id "\n"                                                        \
            "ol_pack_text_" #id ":\n"                                                              \
            ".incbin \"" OL_RULES_FOLDER "/" name ".rules\"\n"                                     \
            ".byte 0\n"                                                                            \
            ".popsection\n");                                                                      \
    extern const char pack_text_##id[] __asm__("ol_pack_text_" #id)                                \
        __attribute__((visibility("hidden")));
#include "packs.def"
#undef PACK

const struct ol_pack ol_packs[OL_PACK_COUNT] = {
#define PACK(id, words, time, beginnings)                                                          \
    [OL_PACK(id)] = {.name = words,                                                                \
                     .file = words ".rules",                                                       \
                     .text = pack_text_##id,                                                       \
                     .when = OL_PACK_WHEN_##time,                                                  \
                     .prefixes = beginnings},
#include "packs.def"
#undef PACK
};

/* Letters that prefixes begin with; a row of packs.def with another one is a line here. */
static bool may_begin(char letter)
{
    return letter == 'u' || letter == 'e' || letter == 'b' || letter == 'g' || letter == 'a' ||
           letter == 'h';
}

static bool has_prefix(const char *prefixes, const char *symbol)
{
    for (const char *prefix = prefixes; *prefix; prefix++) {
        size_t length = strcspn(prefix, " ");
        if (strncmp(symbol, prefix, length) == 0)
            return true;
        prefix += length;
    }
    return false;
}

int ol_pack_of_symbol(const char *symbol)
{
    if (!may_begin(symbol[0]))
        return -1;
    for (int i = 0; i < OL_PACK_COUNT; i++)
        if (has_prefix(ol_packs[i].prefixes, symbol))
            return i;
    return -1;
}
