/* SPDX-License-Identifier: MIT */
/* Names from compilers and from V8, and the allow rules that are made of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "report/demangle.h"
#include "report/model.h"
#include "report/owner.h"
#include "report/pool.h"
#include "report/runtime/runtime.h"
#include "report/snippet.h"

static struct obstack pool;

static void begin(void)
{
    ol_pool_begin(&pool);
}

static void end(void)
{
    ol_pool_end(&pool);
}

TestSuite(report_names, .init = begin, .fini = end);

Test(report_names, cxx_and_rust_lose_their_mangling_and_parameters)
{
    static const char *const names[][2] = {
        {"_ZN4node2fsL12ReadFileUtf8ERKN2v820FunctionCallbackInfoINS1_5ValueEEE",
         "node::fs::ReadFileUtf8"},
        {"_ZN4shop6Basket3payEi", "shop::Basket::pay"},
        {"_ZN3std2io4Read11read_to_end17h0123456789abcdefE", "std::io::Read::read_to_end"},
        {"_RNvC6_123foo3bar", "123foo::bar"},
        {"uv__fs_open", "uv__fs_open"},
        {"_start", "_start"},
        {"_Z", "_Z"},
        {"_R", "_R"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_str_eq(ol_demangle(&pool, names[i][0]), names[i][1]);
    cr_expect_null(ol_demangle(&pool, NULL));
}

/* A few bytes that stand for a name of gigabytes: each template argument is twice the one before.
 */
Test(report_names, a_name_that_would_fill_the_memory_stays_mangled, .timeout = 10)
{
    char symbol[1024] = "_Z1fI1aIiiE";
    for (int i = 0; i < 60; i++) {
        char more[32];
        snprintf(more, sizeof more, "1aIS%.*s_S%.*s_E", i > 0, i ? "1" : "", i > 0, i ? "1" : "");
        strcat(symbol, more);
    }
    strcat(symbol, "Evv");
    cr_assert_not_null(ol_demangle(&pool, symbol));
}

Test(report_names, v8_names_become_function_file_line_and_class)
{
    static const struct {
        const char *name, *function, *file;
        uint32_t line;
        enum ol_owner_class owner_class;
        const char *owner;
    } cases[] = {
        {"JS:~tick /srv/app.js:5:14", "tick", "/srv/app.js", 5, OL_CODE_user, "app"},
        {"JS:^ /srv/app.js:7:27", "(anonymous)", "/srv/app.js", 7, OL_CODE_user, "app"},
        {"JS:* /srv/app.js:1:1", "<module>", "/srv/app.js", 1, OL_CODE_user, "app"},
        {"LazyCompile:*get value /srv/a b/x.mjs:10:3", "get value", "/srv/a b/x.mjs", 10,
         OL_CODE_user, "x"},
        {"JS:~load file:///srv/a%20b.mjs:3:9", "load", "/srv/a b.mjs", 3, OL_CODE_user, "a b"},
        {"JS:~readFileSync node:fs:441:22", "readFileSync", "node:fs", 441, OL_CODE_stdlib, "node"},
        {"JS:~f /srv/node_modules/@co/pkg/lib/i.js:2:1", "f", "/srv/node_modules/@co/pkg/lib/i.js",
         2, OL_CODE_library, "@co/pkg"},
        {"JS:~f /srv/node_modules/a/node_modules/b/i.js:2:1", "f",
         "/srv/node_modules/a/node_modules/b/i.js", 2, OL_CODE_library, "b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ol_frame frame = {0};
        cr_assert(ol_runtime_name_made(&pool, cases[i].name, &frame), "%s", cases[i].name);
        cr_expect_eq(frame.kind, OL_FRAME_js);
        cr_expect_str_eq(frame.function, cases[i].function);
        cr_expect_str_eq(frame.file, cases[i].file);
        cr_expect_eq(frame.line, cases[i].line, "%s: %u", cases[i].name, frame.line);
        cr_expect_eq(frame.owner_class, cases[i].owner_class);
        cr_expect_str_eq(ol_owner_name(&pool, &frame), cases[i].owner);
    }
}

Test(report_names, what_is_no_javascript_is_left_alone)
{
    static const char *const names[] = {
        "Builtin:JSEntry", "RegExp:a /b:1:2", "py::f:/x.py", "", "JS:", "JS:~", "JS:~x", "JS: ",
        "JS:~ :1:2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ol_frame frame = {0};
        if (ol_runtime_name_made(&pool, names[i], &frame))
            cr_expect(frame.file && *frame.file, "%s", names[i]);
    }
}

Test(report_names, the_culprit_of_javascript_is_the_users_own_before_its_packages)
{
    static const char *const names[] = {
        "JS:~openSync node:fs:500:1", "JS:~readFileSync node:fs:441:22",
        "JS:~load /srv/node_modules/conf/index.js:3:1", "JS:~main /srv/app.js:9:1"};
    struct ol_frame frames[4] = {0};
    const struct ol_frame *stack[4];
    for (size_t i = 0; i < 4; i++) {
        cr_assert(ol_runtime_name_made(&pool, names[i], &frames[i]));
        stack[i] = &frames[i];
    }
    struct ol_violation violation = {.api = "open", .frames = stack, .frame_count = 4};
    ol_runtime_judge(&pool, &violation);
    cr_assert_str_eq(violation.culprit->function, "main");
    cr_assert_str_eq(violation.api, "fs.readFileSync");
    violation.frame_count = 3;
    ol_runtime_judge(&pool, &violation);
    cr_assert_str_eq(violation.culprit->function, "load");
}

static const char *api_of_stack(const char *const names[], size_t count)
{
    struct ol_frame frames[8] = {0};
    const struct ol_frame *stack[8];
    for (size_t i = 0; i < count; i++) {
        cr_assert(ol_runtime_name_made(&pool, names[i], &frames[i]));
        stack[i] = &frames[i];
    }
    struct ol_violation violation = {.api = "fsync", .frames = stack, .frame_count = count};
    ol_runtime_judge(&pool, &violation);
    return violation.api;
}

Test(report_names, the_api_of_javascript_is_the_one_that_blocked)
{
    static const char *const at_exit[] = {
        "JS:~fsyncSync node:fs:1322:1", "JS:~flush /srv/node_modules/pino/index.js:545:1",
        "JS:~emit node:events:471:1", "JS:~exit node:internal/process/per_thread:174:1",
        "JS:~main /srv/app.js:9:1"};
    cr_expect_str_eq(api_of_stack(at_exit, 5), "fs.fsyncSync");
    cr_expect_str_eq(api_of_stack(at_exit + 3, 2), "process.exit");
    static const char *const loading[] = {
        "JS:~realpathSync node:fs:2664:1",
        "JS:~Module._load node:internal/modules/cjs/loader:1003:1",
        "JS:~Module.require node:internal/modules/cjs/loader:1281:1",
        "JS:~require node:internal/modules/helpers:180:1", "JS:~main /srv/app.js:9:1"};
    cr_expect_str_eq(api_of_stack(loading, 5), "require");
    cr_expect_str_eq(api_of_stack(loading + 1, 4), "require");
    static const char *const nameless[] = {"JS:~stat node:internal/x:1:1",
                                           "JS:~main /srv/app.js:9:1"};
    cr_expect_str_eq(api_of_stack(nameless, 2), "fsync");
}

Test(report_names, snippets_are_rules_that_cover_the_site)
{
    struct ol_frame culprit = {.kind = OL_FRAME_python, .function = "<lambda>", .module = "shop.x"};
    struct ol_violation violation = {.rule = "open", .culprit = &culprit};
    cr_expect_str_eq(ol_snippet_allow_place(&pool, &violation),
                     "allow  open  python=shop.x:<lambda>  \"why this is harmless\"");
    cr_expect_null(ol_snippet_allow_path(&pool, &violation));
    violation.argument = "/data/a*b [1] \"x\"\n";
    cr_expect_str_eq(ol_snippet_allow_path(&pool, &violation),
                     "allow  open  \"path=/data/a[*]b [[]1] ?x??\"  \"why this is harmless\"");
    culprit = (struct ol_frame){.kind = OL_FRAME_native, .module = "/usr/lib/libfoo.so.1"};
    cr_expect_str_eq(ol_snippet_allow_place(&pool, &violation),
                     "allow  open  caller=libfoo.so.1  \"why this is harmless\"");
}
