/* SPDX-License-Identifier: MIT */
/* detector/dynamic.c: what the dynamic section of a loaded object says of it. */
#include "detector/dynamic.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <string.h>

#include "detector/module.h"

/* Of the object that the address lies in. */
static struct ol_dynamic dynamic_of(const void *address)
{
    struct ol_module module;
    struct ol_dynamic dynamic;
    cr_assert(ol_module_find(address, &module));
    cr_assert(ol_dynamic_read(module.map->l_ld, module.map->l_addr, &dynamic));
    return dynamic;
}

static bool imports(const struct ol_dynamic *dynamic, const char *name)
{
    for (uint32_t i = 0; i < ol_dynamic_import_count(dynamic); i++)
        if (strcmp(ol_dynamic_import(dynamic, i), name) == 0)
            return true;
    return false;
}

static const void *own(void)
{
    return (const void *)(uintptr_t)ol_dynamic_read;
}

Test(dynamic, what_an_object_asks_for_is_among_its_imports)
{
    struct ol_dynamic dynamic = dynamic_of(own());
    cr_assert(imports(&dynamic, "dlsym"));
    cr_assert_not(imports(&dynamic, "ol_dynamic_read"), "its own");
    cr_assert_not(imports(&dynamic, "posix_openpt"), "nobody's");
}

Test(dynamic, what_a_library_defines_is_no_import)
{
    struct ol_dynamic dynamic = dynamic_of(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
    cr_assert_not(imports(&dynamic, "gnu_get_libc_version"));
    cr_assert(imports(&dynamic, "_rtld_global_ro"), "the loader's");
}

Test(dynamic, there_are_as_many_symbols_as_the_last_one_says)
{
    struct ol_dynamic dynamic = dynamic_of(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
    uint32_t count = ol_dynamic_symbol_count(&dynamic);
    cr_assert_gt(count, ol_dynamic_import_count(&dynamic));
    cr_assert_lt(dynamic.symbols[count - 1].st_name, dynamic.strings_size);
}

Test(dynamic, every_table_that_is_there_has_its_length)
{
    struct ol_dynamic dynamic = dynamic_of(own());
    for (int i = 0; i < OL_DYNAMIC_RELOCATIONS; i++)
        cr_assert_eq(!dynamic.relocations[i], !dynamic.counts[i]);
    cr_assert(dynamic.relocations[OL_DYNAMIC_OTHERS]);
}

Test(dynamic, an_object_without_a_section_has_no_symbols)
{
    static const ElfW(Dyn) nothing[] = {{.d_tag = DT_NULL}};
    struct ol_dynamic dynamic;
    cr_assert_not(ol_dynamic_read(NULL, 0, &dynamic));
    cr_assert_not(ol_dynamic_read(nothing, 0, &dynamic));
    cr_assert_not(dynamic.has_own_path);
}

Test(dynamic, a_search_path_and_a_preference_for_itself_are_seen)
{
    static const ElfW(Dyn) section[] = {
        {.d_tag = DT_RUNPATH}, {.d_tag = DT_FLAGS, .d_un.d_val = DF_SYMBOLIC}, {.d_tag = DT_NULL}};
    struct ol_dynamic dynamic;
    ol_dynamic_read(section, 0, &dynamic);
    cr_assert(dynamic.has_own_path);
    cr_assert(dynamic.searches_itself);
}
