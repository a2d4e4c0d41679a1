/* Texts by address of what they are about. Called by formats. */
#include "memo.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>

#include "say.h"

struct kept {
    const void *key;
    char *text;
};

static int compare(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct kept *)a)->key;
    uintptr_t y = (uintptr_t)((const struct kept *)b)->key;
    return (x > y) - (x < y);
}

static void forget(void *item)
{
    free(((struct kept *)item)->text);
    free(item);
}

const char *ol_memo_find(const struct ol_memo *memo, const void *key)
{
    struct kept wanted = {.key = key}, **found = tfind(&wanted, &memo->texts, compare);
    return found ? (*found)->text : NULL;
}

const char *ol_memo_keep(struct ol_memo *memo, const void *key, char *text)
{
    struct kept *entry = ol_say_realloc(NULL, 1, sizeof *entry);
    *entry = (struct kept){key, text};
    if (!text || !tsearch(entry, &memo->texts, compare))
        ol_say_realloc(NULL, SIZE_MAX, 2); /* out of memory, said there */
    return text;
}

void ol_memo_end(struct ol_memo *memo)
{
    tdestroy(memo->texts, forget);
    memo->texts = NULL;
}
