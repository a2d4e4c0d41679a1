/* Ids: what they hold on to, and what they don't see. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/fingerprint.h"

#define FRAMES 8

static struct obstack pool;
static struct ol_frame frames[FRAMES];
static const struct ol_frame *stack[FRAMES];
static struct ol_violation violation;

static void begin(void)
{
    ol_pool_begin(&pool);
    for (int i = 0; i < FRAMES; i++)
        stack[i] = &frames[i];
    violation = (struct ol_violation){.rule = "sleep",
                                      .api = "time.sleep",
                                      .function = "clock_nanosleep",
                                      .frames = stack,
                                      .culprit = frames};
}

static void end(void)
{
    ol_pool_end(&pool);
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
    return ol_fingerprint_make(&pool, &violation);
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

Test(fingerprint, pythons_qualified_names_are_the_same_in_old_and_new_versions)
{
    same(OL_FRAME_python, "outer.<locals>.inner", "inner");
    same(OL_FRAME_python, "a.<locals>.B.<locals>.c", "c");
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

Test(fingerprint, the_depth_of_a_recursion_does_not_count)
{
    add(OL_FRAME_python, OL_CODE_user, "walk");
    add(OL_FRAME_python, OL_CODE_user, "visit");
    const char *shallow = ol_fingerprint_make(&pool, &violation);
    add(OL_FRAME_python, OL_CODE_user, "walk");
    add(OL_FRAME_python, OL_CODE_user, "visit");
    cr_assert_str_eq(ol_fingerprint_make(&pool, &violation), shallow);
    add(OL_FRAME_python, OL_CODE_user, "other");
    cr_assert_str_neq(ol_fingerprint_make(&pool, &violation), shallow);
}

Test(fingerprint, comprehensions_are_not_frames)
{
    add(OL_FRAME_python, OL_CODE_user, "serve");
    const char *without = ol_fingerprint_make(&pool, &violation);
    violation.frame_count = 0;
    add(OL_FRAME_python, OL_CODE_user, "serve.<locals>.<listcomp>");
    add(OL_FRAME_python, OL_CODE_user, "serve");
    cr_assert_str_eq(ol_fingerprint_make(&pool, &violation), without);
}

Test(fingerprint, how_the_loop_was_started_does_not_count)
{
    add(OL_FRAME_python, OL_CODE_user, "serve");
    add(OL_FRAME_python, OL_CODE_framework, "Handle._run");
    const char *from_main = ol_fingerprint_make(&pool, &violation);
    add(OL_FRAME_python, OL_CODE_user, "test_17");
    add(OL_FRAME_python, OL_CODE_library, "pytest");
    cr_assert_str_eq(ol_fingerprint_make(&pool, &violation), from_main);
}

Test(fingerprint, temporary_names_do_not_count)
{
    add(OL_FRAME_python, OL_CODE_user, "serve");
    frames[0].file = "/tmp/abc/tmp3k_9x2ab.py";
    const char *first = ol_fingerprint_make(&pool, &violation);
    frames[0].file = "/var/tmp/tmpzzzzzzz1.py";
    cr_assert_str_eq(ol_fingerprint_make(&pool, &violation), first);
    cr_assert_str_eq(ol_fingerprint_place(&pool, &violation), "tmp*.py");
    frames[0].file = "/srv/tmp.py";
    cr_assert_str_eq(ol_fingerprint_place(&pool, &violation), "tmp.py");
    frames[0].file = "/srv/tmpl.py";
    cr_assert_str_eq(ol_fingerprint_place(&pool, &violation), "tmpl.py");
}

Test(fingerprint, native_code_is_its_module_with_and_without_symbols)
{
    add(OL_FRAME_native, OL_CODE_user, "serve");
    const char *with = ol_fingerprint_make(&pool, &violation);
    frames[0].file = NULL;
    cr_assert_str_eq(ol_fingerprint_make(&pool, &violation), with);
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
    cr_assert_eq(strlen(ol_fingerprint_make(&pool, &violation)), OL_FINGERPRINT_DIGITS);
    cr_assert_str_eq(ol_fingerprint_place(&pool, &violation), "?");
    cr_assert_str_eq(ol_fingerprint_function(&pool, &violation), "?");
}
