/* SPDX-License-Identifier: MIT */
/* The words of OFFLOOP_DEBUG, read by both halves. The contract is in debug.h. */
#include "debug.h"
#include "text.h"
#include "word.h"

static const char *const words[OL_DEBUG_COUNT] = {
#define DEBUG(id, text) [OL_DEBUG_##id] = #id,
#include "debug.def"
#undef DEBUG
};

static const char valid[] = "valid are"
#define DEBUG(id, text) " " #id
#include "debug.def"
#undef DEBUG
    ;

static void complain_of(struct ol_word word, ol_complain *complain, void *context)
{
    struct ol_nearest nearest = {.word = word};
    char buffer[256];
    struct ol_text line = OL_TEXT(buffer);
    ol_word_consider_all(&nearest, words, OL_DEBUG_COUNT);
    ol_word_explain(&line, "OFFLOOP_DEBUG", &nearest, "word", valid);
    complain(context, line.bytes);
}

uint32_t ol_debug_parse(const char *list, ol_complain *complain, void *context)
{
    struct ol_word word;
    uint32_t set = 0;
    while (ol_word_next(&list, ',', &word)) {
        int found = ol_word_find(word, words, OL_DEBUG_COUNT);
        if (found >= 0)
            set |= UINT32_C(1) << found;
        else if (word.length)
            complain_of(word, complain, context);
    }
    return set;
}
