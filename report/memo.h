/* SPDX-License-Identifier: MIT */
/* Texts that are made once for each frame: sites share most of their frames, and there are hundreds
 * of thousands of sites. */
#ifndef OFFLOOP_MEMO_H
#define OFFLOOP_MEMO_H

#include <stddef.h>

struct ol_memo_text {
    const void *key; /* NULL: a free place */
    const char *text;
};

/* Zeros are an empty one. */
struct ol_memo {
    struct ol_memo_text *texts; /* by hash of the key */
    size_t count, room;         /* room: a power of two */
};

/* The text kept for `key`, or NULL. */
const char *ol_memo_find(const struct ol_memo *memo, const void *key);

/* Keeps `text`, which must outlive the memo, and returns it. */
const char *ol_memo_keep(struct ol_memo *memo, const void *key, const char *text);

void ol_memo_end(struct ol_memo *memo);

#endif
