/* SPDX-License-Identifier: MIT */
/* Texts by address of what they are about, by open addressing. */
#include "memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "detector/hash.h"
#include "say.h"

/* The place of the key, or the free one where it would be. */
static struct ol_memo_text *place_of(const struct ol_memo *memo, const void *key)
{
    size_t at = ol_hash_mix(OL_HASH_START, (uintptr_t)key) & (memo->room - 1);
    while (memo->texts[at].key && memo->texts[at].key != key)
        at = (at + 1) & (memo->room - 1);
    return &memo->texts[at];
}

const char *ol_memo_find(const struct ol_memo *memo, const void *key)
{
    return memo->room ? place_of(memo, key)->text : NULL;
}

static void grow(struct ol_memo *memo)
{
    struct ol_memo before = *memo;
    memo->room = before.room ? 2 * before.room : 1024;
    memo->texts = ol_say_realloc(NULL, memo->room, sizeof *memo->texts);
    memset(memo->texts, 0, memo->room * sizeof *memo->texts);
    for (size_t i = 0; i < before.room; i++)
        if (before.texts[i].key)
            *place_of(memo, before.texts[i].key) = before.texts[i];
    free(before.texts);
}

const char *ol_memo_keep(struct ol_memo *memo, const void *key, const char *text)
{
    if (2 * memo->count >= memo->room)
        grow(memo);
    *place_of(memo, key) = (struct ol_memo_text){key, text};
    memo->count++;
    return text;
}

void ol_memo_end(struct ol_memo *memo)
{
    free(memo->texts);
    *memo = (struct ol_memo){0};
}
