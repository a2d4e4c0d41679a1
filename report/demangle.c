/* SPDX-License-Identifier: MIT */
/* Demangling by libiberty, which knows C++ and both manglings of Rust. Its callbacks let us stop:
 * symbols come from records, and a short one can stand for gigabytes. */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "pool.h"

#define SYMBOL_MAX 4096
#define NAME_MAX_BYTES 8192

struct result {
    char bytes[NAME_MAX_BYTES];
    size_t length;
    jmp_buf too_long;
};

static void collect(const char *bytes, size_t size, void *context)
{
    struct result *result = context;
    if (size >= sizeof result->bytes - result->length)
        longjmp(result->too_long, 1);
    memcpy(result->bytes + result->length, bytes, size);
    result->length += size;
}

static bool demangle(struct result *result, const char *symbol)
{
    result->length = 0;
    if (setjmp(result->too_long))
        return false;
    if (rust_demangle_callback(symbol, DMGL_NO_OPTS, collect, result))
        return true;
    result->length = 0;
    return cplus_demangle_v3_callback(symbol, DMGL_NO_OPTS, collect, result) != 0;
}

const char *ol_demangle(struct obstack *pool, const char *symbol)
{
    struct result result;
    if (!symbol || symbol[0] != '_' || strnlen(symbol, SYMBOL_MAX) == SYMBOL_MAX)
        return symbol;
    if (symbol[1] != 'Z' && symbol[1] != 'R')
        return symbol;
    return demangle(&result, symbol) && result.length
               ? ol_pool_copy(pool, result.bytes, result.length)
               : symbol;
}
