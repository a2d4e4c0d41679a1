/* SPDX-License-Identifier: MIT */
/* Pools over obstack. The contract is in pool.h. */
#include "pool.h"

#include <stdio.h>
#include <string.h>

#include "exit.h"

static void no_memory(void)
{
    fputs("offloop: out of memory\n", stderr);
    exit(OL_EXIT_OWN);
}

void ol_pool_begin(struct obstack *pool)
{
    obstack_alloc_failed_handler = no_memory;
    obstack_init(pool);
}

void ol_pool_end(struct obstack *pool)
{
    obstack_free(pool, NULL);
}

void *ol_pool_array(struct obstack *pool, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        no_memory();
    void *array = obstack_alloc(pool, bytes);
    memset(array, 0, bytes);
    return array;
}

char *ol_pool_copy(struct obstack *pool, const char *bytes, size_t count)
{
    return obstack_copy0(pool, bytes, count);
}

char *ol_pool_string(struct obstack *pool, const char *string)
{
    return ol_pool_copy(pool, string, strlen(string));
}

char *ol_pool_vformat(struct obstack *pool, const char *format, va_list arguments)
{
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    if (length < 0)
        no_memory();
    char *copy = ol_pool_copy(pool, text, (size_t)length);
    free(text);
    return copy;
}

char *ol_pool_format(struct obstack *pool, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = ol_pool_vformat(pool, format, arguments);
    va_end(arguments);
    return text;
}
