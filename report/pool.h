/* SPDX-License-Identifier: MIT */
/* Memory that is freed all at once: glibc's obstack with the few verbs that the command needs.
 *
 * Everything that a report is made of lives in one pool and dies with it, so nothing else has an
 * owner to remember. Without memory the command says so and ends with 125: no function here fails.
 * Strings end with NUL. */
#ifndef OFFLOOP_POOL_H
#define OFFLOOP_POOL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <obstack.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

void ol_pool_begin(struct obstack *pool);
void ol_pool_end(struct obstack *pool);

/* `count` zeroed entries of `size` bytes, aligned for anything. */
void *ol_pool_array(struct obstack *pool, size_t count, size_t size);

char *ol_pool_copy(struct obstack *pool, const char *bytes, size_t count);
char *ol_pool_string(struct obstack *pool, const char *string);
char *ol_pool_format(struct obstack *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *ol_pool_vformat(struct obstack *pool, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
