/* SPDX-License-Identifier: MIT */
/* detector/symbol.c: dynamic symbols by name, as the loader finds them. */
#include "detector/symbol.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

Test(symbol, a_function_is_where_the_loader_finds_it)
{
    static const char *const names[] = {"qsort",  "environ", "gnu_get_libc_version",
                                        "getenv", "stdout",  "pthread_create"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_eq(ol_symbol_address(names[i]), dlsym(RTLD_DEFAULT, names[i]), "%s", names[i]);
}

Test(symbol, what_the_kernel_brings_is_not_what_the_loader_finds)
{
    static const char *const names[] = {"getrandom", "clock_gettime", "getcpu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_eq(ol_symbol_address(names[i]), dlsym(RTLD_DEFAULT, names[i]), "%s", names[i]);
}

Test(symbol, of_several_versions_it_is_the_default_one)
{
    /* one that no sanitizer stands before */
    cr_assert_eq(ol_symbol_address("nftw"), dlvsym(RTLD_DEFAULT, "nftw", "GLIBC_2.3.3"));
}

Test(symbol, its_size_is_known)
{
    struct ol_symbol symbol;
    cr_assert(ol_symbol_find("stdout", &symbol));
    cr_assert_eq(symbol.size, sizeof(void *));
}

Test(symbol, what_nobody_defines_is_not_found)
{
    struct ol_symbol symbol;
    cr_assert_not(ol_symbol_find("nobody_has_this_function", &symbol));
    cr_assert_null(ol_symbol_address(""));
}

Test(symbol, behind_an_object_only_later_ones_count)
{
    struct ol_symbol symbol;
    const void *in_libc = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
    cr_assert(ol_symbol_find_behind((const void *)(uintptr_t)ol_symbol_find, "gnu_get_libc_version",
                                    &symbol));
    cr_assert_eq(symbol.address, in_libc);
    cr_assert_not(ol_symbol_find_behind(in_libc, "gnu_get_libc_version", &symbol));
}

Test(symbol, the_programs_own_error_stays)
{
    struct ol_symbol symbol;
    dlsym(RTLD_DEFAULT, "not_this_one_either");
    ol_symbol_find("nobody_has_this_function", &symbol);
    const char *error = dlerror();
    cr_assert(error && strstr(error, "not_this_one_either"));
}
