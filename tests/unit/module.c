/* SPDX-License-Identifier: MIT */
/* detector/module.c: the object at an address, its class, build-id and symbols. */
#include "detector/module.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

static struct ol_module at(const void *address)
{
    struct ol_module module;
    cr_assert(ol_module_find(address, &module));
    return module;
}

static const void *in_libc(void)
{
    return dlsym(RTLD_NEXT, "gnu_get_libc_version");
}

Test(module, the_executable_has_a_path)
{
    ol_module_start();
    struct ol_module module = at((const void *)(uintptr_t)at);
    cr_assert_eq(module.path[0], '/');
    cr_assert_eq(ol_module_class(&module), OL_CODE_user);
}

Test(module, libc_is_nobodys_to_blame)
{
    struct ol_module module = at(in_libc());
    cr_assert_str_eq(ol_module_base_name(module.path), "libc.so.6");
    cr_assert_eq(ol_module_class(&module), OL_CODE_system);
    cr_assert_eq(ol_module_loops_by(module.path), OL_LOOPS_BY_none);
    cr_assert_str_eq(ol_module_symbol(&module, in_libc()), "gnu_get_libc_version");
}

Test(module, heap_and_stack_are_in_none)
{
    struct ol_module module;
    void *heap = calloc(1, 1);
    cr_assert(!ol_module_find(heap, &module));
    cr_assert(!ol_module_find(&module, &module));
    cr_assert(!ol_module_find(NULL, &module));
    free(heap);
}

Test(module, a_build_id_has_twenty_bytes)
{
    uint8_t id[20];
    struct ol_module module = at(in_libc());
    cr_assert_eq(ol_module_build_id(&module, id), 20);
}

Test(module, the_vdso_does_no_harm)
{
    struct ol_module module;
    uint8_t id[20];
    const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
    if (!vdso || !ol_module_find(vdso + 16, &module))
        return;
    ol_module_build_id(&module, id);
    ol_module_symbol(&module, vdso + 16);
    cr_assert_eq(ol_module_class(&module), OL_CODE_system);
}

Test(module, an_address_outside_of_all_symbols_has_none)
{
    struct ol_module module = at(in_libc());
    cr_assert_null(ol_module_symbol(&module, (const void *)module.start));
}

Test(module, names_with_versions_are_the_librarys)
{
    cr_assert(ol_module_is("/usr/lib/libuv.so.1.0.0", "libuv"));
    cr_assert(ol_module_is("libpython3.11.so.1.0", "libpython"));
    cr_assert(ol_module_is("libevent-2.1.so.7", "libevent"));
    cr_assert(ol_module_is("libuv", "libuv"));
    cr_assert(!ol_module_is("/usr/lib/libuvc.so.0", "libuv"));
    cr_assert(!ol_module_is("libevent_core-2.1.so.7", "libevent"));
    cr_assert(!ol_module_is("/libuv.so.1/other", "libuv"));
}

static enum ol_owner_class class_of(const char *path)
{
    struct ol_module module = {.path = path};
    return ol_module_class(&module);
}

Test(module, where_a_library_lies_says_whose_it_is)
{
    cr_assert_eq(class_of("/usr/lib/x86_64-linux-gnu/libcups.so.2"), OL_CODE_library);
    cr_assert_eq(class_of("/home/me/app/libmine.so"), OL_CODE_user);
    cr_assert_eq(class_of("/v/lib/python3/site-packages/x.so"), OL_CODE_library);
    cr_assert_eq(class_of("/opt/redis/redis-server"), OL_CODE_user);
}

Test(module, what_is_only_given_back_was_not_unloaded)
{
    void *first = dlopen("libBrokenLocale.so.1", RTLD_LAZY); /* of glibc, and used by nobody */
    void *second = dlopen("libBrokenLocale.so.1", RTLD_LAZY);
    unsigned long long before = ol_module_unloaded();
    cr_assert(first && second);
    dlclose(first);
    cr_assert_eq(ol_module_unloaded(), before);
    dlclose(second);
    cr_assert_eq(ol_module_unloaded(), before + 1);
}

static int64_t own_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

enum { ADDRESSES = 16, TIMES = 1000 };

static int64_t look_up(const struct ol_module *module, const char *first)
{
    int64_t start = own_ns();
    for (int i = 0; i < ADDRESSES; i++)
        ol_module_symbol(module, first + i);
    return own_ns() - start;
}

/* A thousand searches take a thousand times as long as one. */
Test(module, a_symbol_that_was_asked_for_is_not_searched_for_again)
{
    const char *first = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
    struct ol_module module = at(first);
    int64_t searched = look_up(&module, first);
    int64_t again = 0;
    for (int i = 0; i < TIMES; i++)
        again += look_up(&module, first);
    cr_assert_lt(again, searched * TIMES / 4);
}

Test(module, what_is_remembered_of_symbols_stays_true)
{
    struct ol_module module = at(in_libc());
    static char nobodys[64];
    struct ol_module own = at(nobodys);
    for (int i = 0; i < 3; i++) {
        cr_assert_str_eq(ol_module_symbol(&module, in_libc()), "gnu_get_libc_version");
        cr_assert_null(ol_module_object(&module, in_libc()), "a function is no variable");
        cr_assert_null(ol_module_symbol(&own, nobodys));
        if (i == 1)
            ol_module_forget();
    }
}
