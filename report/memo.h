/* Texts that are made once for each frame: sites share most of their frames, and there are hundreds
 * of thousands of sites. */
#ifndef OFFLOOP_MEMO_H
#define OFFLOOP_MEMO_H

#include <stddef.h>

struct ol_memo_text {
    const void *key; /* NULL: a free place */
    char *text;
};

/* Zeros are an empty one. */
struct ol_memo {
    struct ol_memo_text *texts; /* by hash of the key */
    size_t count, room;         /* room: a power of two */
};

/* The text kept for `key`, or NULL. It lives until ol_memo_end. */
const char *ol_memo_find(const struct ol_memo *memo, const void *key);

/* Takes over `text`, which malloc made, and returns it. NULL ends the process: out of memory. */
const char *ol_memo_keep(struct ol_memo *memo, const void *key, char *text);

void ol_memo_end(struct ol_memo *memo);

#endif
