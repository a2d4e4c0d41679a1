/* SPDX-License-Identifier: MIT */
/* Lines on stderr; nothing else of the command writes there. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "plain.h"
#include "pool.h"

static void say(const char *format, va_list arguments)
{
    struct obstack pool;
    ol_pool_begin(&pool);
    fprintf(stderr, "offloop: %s\n",
            ol_plain_text(&pool, ol_pool_vformat(&pool, format, arguments)));
    ol_pool_end(&pool);
}

void ol_say_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void ol_say_exit(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    exit(status);
}

int ol_say_end(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    ol_say_line("standard output: %s", strerror(errno));
    return OL_EXIT_OWN;
}

void *ol_say_realloc(void *array, size_t count, size_t size)
{
    void *grown = reallocarray(array, count ? count : 1, size);
    if (!grown) {
        fputs("offloop: out of memory\n", stderr);
        exit(OL_EXIT_OWN);
    }
    return grown;
}
