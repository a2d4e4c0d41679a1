/* Rule packs, as the assembler takes them in. rules_stamp.h changes when one of them does, which is
 * how the build knows. */
#include "pack.h"

#include "rules_stamp.h"

#define PACK(id, name, always)                                                                     \
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
#define PACK(id, words, every)                                                                     \
    [OL_PACK(id)] = {                                                                              \
        .name = words, .file = words ".rules", .text = pack_text_##id, .always = every},
#include "packs.def"
#undef PACK
};
