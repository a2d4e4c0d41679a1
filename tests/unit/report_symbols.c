/* SPDX-License-Identifier: MIT */
/* Symbols, looked up in this very test program. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "report/symbols.h"

static struct obstack pool;
static struct ol_symbols *symbols;
static char own_path[4096];

static void begin(void)
{
    own_path[readlink("/proc/self/exe", own_path, sizeof own_path - 1)] = '\0';
    ol_pool_begin(&pool);
    symbols = ol_symbols_begin(&pool, NULL);
}

static void end(void)
{
    ol_symbols_end(symbols);
    ol_pool_end(&pool);
}

static inline __attribute__((always_inline)) void *inner_function(void)
{
    void *here;
    __asm__ volatile("" ::: "memory");
    here = __builtin_extract_return_addr(__builtin_return_address(0));
    return here;
}

static __attribute__((noinline)) void *outer_function(void)
{
    void *caller = inner_function();
    __asm__ volatile("" ::: "memory");
    return caller;
}

/* This program's load bias. */
static uint64_t bias(void)
{
    struct link_map *map = NULL;
    Dl_info info;
    cr_assert(dladdr1((const void *)&outer_function, &info, (void **)&map, RTLD_DL_LINKMAP));
    return map->l_addr;
}

TestSuite(report_symbols, .init = begin, .fini = end);

Test(report_symbols, an_address_becomes_function_file_and_line)
{
    struct ol_frame frames[8] = {0};
    struct ol_symbols_module *module = ol_symbols_open(symbols, own_path, (const uint8_t *)"", 0);
    size_t count = ol_symbols_find(module, (uint64_t)(uintptr_t)&outer_function - bias(), frames,
                                   8);
    cr_assert_geq(count, 1);
    cr_assert_str_eq(frames[count - 1].function, "outer_function");
    if (frames[0].file) { /* built with debug information */
        cr_assert(strstr(frames[0].file, "report_symbols.c"), "%s", frames[0].file);
        cr_assert_gt(frames[0].line, 0);
    }
    cr_assert_not_null(outer_function());
}

Test(report_symbols, another_build_is_not_trusted)
{
    struct ol_frame frames[8] = {0};
    struct ol_symbols_module *module = ol_symbols_open(symbols, own_path,
                                                       (const uint8_t *)"wrong build id......", 20);
    cr_assert_eq(ol_symbols_find(module, 0x1000, frames, 8), 0);
    cr_assert_not_null(ol_symbols_trouble(module));
}

Test(report_symbols, what_is_no_module_has_no_symbols)
{
    static const char *const paths[] = {"/nonexistent", "/dev/null", "/etc/passwd", "/tmp",
                                        "[vdso]"};
    struct ol_frame frames[8] = {0};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct ol_symbols_module *module = ol_symbols_open(symbols, paths[i], (const uint8_t *)"",
                                                           0);
        cr_expect_eq(ol_symbols_find(module, 0x1000, frames, 8), 0);
        cr_expect_eq(module, ol_symbols_open(symbols, paths[i], (const uint8_t *)"", 0));
    }
}
