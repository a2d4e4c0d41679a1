/* SPDX-License-Identifier: MIT */
/* Ids: what they hold on to, and what they don't see. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/fingerprint.h"
#include "report/identity.h"
#include "report/place.h"

#define FRAMES 8

static struct ol_model model;
static struct ol_run run;
static struct ol_frame frames[FRAMES];
static const struct ol_frame *stack[FRAMES];
static struct ol_violation violation;

static void begin(void)
{
    ol_model_begin(&model);
    run = (struct ol_run){.cwd = "/srv/work", .argv = "python3 /opt/tool/main.py"};
    for (int i = 0; i < FRAMES; i++)
        stack[i] = &frames[i];
    violation = (struct ol_violation){.rule = "sleep",
                                      .api = "time.sleep",
                                      .function = "clock_nanosleep",
                                      .run = &run,
                                      .frames = stack,
                                      .culprit = frames};
}

static void end(void)
{
    ol_model_end(&model);
}

static void add(enum ol_frame_kind kind, enum ol_owner_class class, const char *function)
{
    frames[violation.frame_count++] = (struct ol_frame){.kind = kind,
                                                        .owner_class = class,
                                                        .function = function,
                                                        .file = "/srv/app.py",
                                                        .module = "/srv/app.so",
                                                        .line = 7};
}

/* The id with that one frame of the user's. */
static const char *id_of(enum ol_frame_kind kind, const char *function)
{
    violation.frame_count = 0;
    add(kind, OL_CODE_user, function);
    return ol_fingerprint_make(&model, &violation);
}

static void same(enum ol_frame_kind kind, const char *a, const char *b)
{
    cr_expect_str_eq(id_of(kind, a), id_of(kind, b), "%s and %s", a, b);
}

static void differ(enum ol_frame_kind kind, const char *a, const char *b)
{
    cr_expect_str_neq(id_of(kind, a), id_of(kind, b), "%s and %s", a, b);
}

TestSuite(fingerprint, .init = begin, .fini = end);

Test(fingerprint, functions_of_one_name_in_different_scopes_differ)
{
    differ(OL_FRAME_python, "outer.<locals>.inner", "inner");
    differ(OL_FRAME_python, "a.<locals>.inner", "b.<locals>.inner");
    differ(OL_FRAME_python, "Shop.serve", "Cart.serve");
}

Test(fingerprint, what_compilers_add_to_a_name_does_not_count)
{
    same(OL_FRAME_native, "serve.constprop.0", "serve");
    same(OL_FRAME_native, "serve.part.0.isra.1", "serve");
    same(OL_FRAME_native, "shop::serve::h0123456789abcdef", "shop::serve");
    same(OL_FRAME_native, "<shop[3f2a9c01d2e4b567]::Cart>::serve", "<shop::Cart>::serve");
    differ(OL_FRAME_native, "std::function<void (a.b)>", "std::function<void (a.c)>");
    differ(OL_FRAME_native, "serve[3]", "serve[4]");
}

Test(fingerprint, who_called_the_function_does_not_count)
{
    add(OL_FRAME_python, OL_CODE_user, "load_config");
    const char *alone = ol_fingerprint_make(&model, &violation);
    add(OL_FRAME_python, OL_CODE_user, "test_one");
    cr_assert_str_eq(ol_fingerprint_make(&model, &violation), alone);
    frames[1].function = "test_two";
    cr_assert_str_eq(ol_fingerprint_make(&model, &violation), alone);
}

Test(fingerprint, comprehensions_are_not_frames)
{
    add(OL_FRAME_python, OL_CODE_user, "serve");
    const char *without = ol_fingerprint_make(&model, &violation);
    violation.frame_count = 0;
    add(OL_FRAME_python, OL_CODE_user, "serve.<locals>.<listcomp>");
    add(OL_FRAME_python, OL_CODE_user, "serve");
    cr_assert_str_eq(ol_fingerprint_make(&model, &violation), without);
}

/* The place of one frame in that file, which was loaded as a module of that name. */
static const char *place_of(enum ol_frame_kind kind, enum ol_owner_class class, const char *file,
                            const char *loaded_as)
{
    violation.frame_count = 0;
    add(kind, class, "serve");
    frames[0].file = file;
    frames[0].loaded_as = loaded_as;
    frames[0].module = "serve.py's";
    return ol_fingerprint_place(&model, &violation);
}

static const char *users(const char *file, const char *loaded_as)
{
    return place_of(OL_FRAME_python, OL_CODE_user, file, loaded_as);
}

Test(fingerprint, files_are_named_from_the_programs_working_folder)
{
    cr_assert_str_eq(users("/srv/work/users/views.py", "users.views"), "users/views.py");
    cr_assert_str_eq(users("orders/../users/views.py", "users.views"), "users/views.py");
    cr_assert_str_eq(users("/srv/work/bin/run.py", "__main__"), "bin/run.py");
    cr_assert_str_eq(users("/srv/work/shop.pyz/shop/views.py", "shop.views"), "shop/views.py");
}

Test(fingerprint, a_package_below_src_is_the_installed_one)
{
    const char *library = place_of(OL_FRAME_python, OL_CODE_library,
                                   "/v/lib/python3.11/site-packages/shop/views.py", "shop.views");
    cr_assert_str_eq(library, "shop/views.py");
    cr_assert_str_eq(users("/srv/work/src/shop/views.py", "shop.views"), library);
    cr_assert_str_eq(users("/srv/work/src/main.py", "__main__"), "src/main.py");
}

Test(fingerprint, elsewhere_files_are_named_from_the_script_or_by_their_modules)
{
    cr_assert_str_eq(users("/opt/tool/plugins/a/plugin.py", "plugin"), "plugins/a/plugin.py");
    cr_assert_str_eq(users("/home/me/x/users/views.py", "users.views"), "users/views.py");
    cr_assert_str_eq(users("/home/me/x/users/__init__.py", "x.users"), "x/users/__init__.py");
    cr_assert_str_eq(users("/home/me/x/plugin.py", "plugin_a"), "plugin_a:plugin.py");
    cr_assert_str_eq(users("/home/me/x/main.py", "__main__"), "main.py");
    cr_assert_str_eq(users("/home/me/x/main.py", "__mp_main__"), "main.py");
    cr_assert_str_eq(users("/home/me/x/main.py", NULL), "/home/me/x/main.py");
}

Test(fingerprint, the_root_of_the_file_system_is_no_project)
{
    run.cwd = "/";
    cr_assert_str_eq(users("/home/me/x/users/views.py", "users.views"), "users/views.py");
    cr_assert_str_eq(users("/home/me/x/main.py", "__main__"), "main.py");
}

Test(fingerprint, a_script_is_found_behind_the_options_of_its_interpreter)
{
    run.argv = "python3 -X dev -W error -u /opt/tool/main.py --fast";
    cr_assert_str_eq(users("/opt/tool/a/b.py", "b"), "a/b.py");
    run.argv = "python3 -m pytest /opt/tool/a/b.py";
    cr_assert_str_eq(users("/opt/tool/a/c.py", "c"), "c.py");
}

Test(fingerprint, a_given_root_comes_first)
{
    ol_place_open(&model, "/srv");
    cr_assert_str_eq(users("/srv/work/users/views.py", "users.views"), "work/users/views.py");
}

Test(fingerprint, the_standard_library_is_the_same_frozen_or_not)
{
    const char *frozen = place_of(OL_FRAME_python, OL_CODE_stdlib, "<frozen os>", "os");
    cr_assert_str_eq(place_of(OL_FRAME_python, OL_CODE_stdlib, "/usr/lib/python3.9/os.py", "os"),
                     frozen);
}

Test(fingerprint, what_was_typed_in_has_no_number)
{
    cr_assert_str_eq(users("<ipython-input-3-0a1b2c3d>", "__main__"), "<cell>");
    cr_assert_str_eq(users("/tmp/ipykernel_4711/123456.py", "__main__"), "<cell>");
    cr_assert_str_eq(users("<python-input-7>", "__main__"), "<stdin>");
    cr_assert_str_eq(users("<stdin>", "__main__"), "<stdin>");
    cr_assert_str_eq(users("<string>", "__main__"), "<string>");
    cr_assert_str_eq(users("<string>", "shop.models"), "shop.models:<string>");
}

Test(fingerprint, scripts_are_named_as_files_are)
{
    enum ol_owner_class user = OL_CODE_user;
    cr_assert_str_eq(place_of(OL_FRAME_js, user, "/srv/work/users/views.js", NULL),
                     "users/views.js");
    run.argv = "node /opt/tool/main.js";
    cr_assert_str_eq(place_of(OL_FRAME_js, user, "/opt/tool/lib/views.js", NULL), "lib/views.js");
    cr_assert_str_eq(place_of(OL_FRAME_js, OL_CODE_library, "/x/node_modules/a/b.js", NULL),
                     "a/b.js");
}

Test(fingerprint, temporary_names_do_not_count)
{
    cr_assert_str_eq(users("/tmp/abc/tmp3k_9x2ab.py", "__main__"), "tmp*.py");
    cr_assert_str_eq(users("/srv/work/tmp3k_9x2ab/app.py", "app"), "tmp*/app.py");
    cr_assert_str_eq(users("/srv/tmp.py", "__main__"), "tmp.py");
    cr_assert_str_eq(users("/srv/tmpl.py", "__main__"), "tmpl.py");
}

Test(fingerprint, native_functions_that_are_local_to_a_file_have_its_name)
{
    add(OL_FRAME_native, OL_CODE_user, "serve");
    cr_assert_str_eq(ol_fingerprint_place(&model, &violation), "app.so");
    frames[0].local_to = "/srv/work/orders/handle.c";
    cr_assert_str_eq(ol_fingerprint_place(&model, &violation), "app.so:orders/handle.c");
    frames[0].local_to = "/build/users/handle.c";
    cr_assert_str_eq(ol_fingerprint_place(&model, &violation), "app.so:handle.c");
}

Test(fingerprint, native_code_is_its_module_with_and_without_symbols)
{
    add(OL_FRAME_native, OL_CODE_user, "serve");
    const char *with = ol_fingerprint_make(&model, &violation);
    frames[0].file = NULL;
    cr_assert_str_eq(ol_fingerprint_make(&model, &violation), with);
}

Test(fingerprint, rule_and_api_count_and_the_libc_function_does_not)
{
    const char *first = id_of(OL_FRAME_python, "serve");
    violation.function = "select";
    cr_assert_str_eq(id_of(OL_FRAME_python, "serve"), first);
    violation.api = "os.sleep";
    cr_assert_str_neq(id_of(OL_FRAME_python, "serve"), first);
    violation.api = "time.sleep";
    violation.rule = "poll";
    cr_assert_str_neq(id_of(OL_FRAME_python, "serve"), first);
}

Test(fingerprint, nothing_known_is_an_id_too)
{
    violation.culprit = NULL;
    cr_assert_eq(strlen(ol_fingerprint_make(&model, &violation)), OL_FINGERPRINT_DIGITS);
    cr_assert_str_eq(ol_fingerprint_place(&model, &violation), "?");
    cr_assert_str_eq(ol_fingerprint_function(&model, &violation), "?");
}
