/* SPDX-License-Identifier: MIT */
/* What `offloop run` prepares: LD_PRELOAD, profiles, outputs, words. */
#include <criterion/criterion.h>
#include <string.h>

#include "detector/tables.h"
#include "report/choice.h"
#include "report/library.h"
#include "report/output.h"
#include "report/profile.h"
#include "report/words.h"

static struct obstack pool;

static void begin(void)
{
    ol_pool_begin(&pool);
}

static void end(void)
{
    ol_pool_end(&pool);
}

TestSuite(report_run, .init = begin, .fini = end);

Test(report_run, our_library_comes_before_what_was_preloaded)
{
    cr_assert_str_eq(ol_library_preload(&pool, "/o.so", NULL), "/o.so");
    cr_assert_str_eq(ol_library_preload(&pool, "/o.so", ""), "/o.so");
    cr_assert_str_eq(ol_library_preload(&pool, "/o.so", "/x.so /y.so"), "/o.so:/x.so /y.so");
}

Test(report_run, the_homeassistant_profile_blocks_what_home_assistant_does)
{
    ol_words_read_rules(ol_profile_rules("homeassistant"), &pool);
    const char *policy = ol_profile_policy(&pool, "homeassistant");
    cr_assert_eq(strncmp(policy, "backtrace,", 10), 0, "%s", policy);
    cr_assert(strstr(policy, ",sleep=block"), "%s", policy);
    cr_assert(strstr(policy, ",loop-only=block"), "%s", policy);
    cr_assert(strstr(policy, ",putrequest=block"), "%s", policy);
    cr_assert_null(strstr(policy, "off-loop-only"), "a pack that is not named has those: %s",
                   policy);
    ol_words_read_rules("homeassistant:asyncio", &pool);
    policy = ol_profile_policy(&pool, "homeassistant");
    cr_assert(strstr(policy, ",off-loop-only=block"), "%s", policy);
    cr_assert_str_eq(ol_profile_rules("homeassistant"), "homeassistant");
}

Test(report_run, an_unknown_profile_names_the_known)
{
    cr_assert_null(ol_profile_policy(&pool, "xyz"));
    cr_assert(strstr(ol_profile_guess(&pool, "xyz"), "homeassistant"));
    cr_assert_str_eq(ol_profile_guess(&pool, "homeasistant"), ": did you mean 'homeassistant'?");
}

Test(report_run, outputs_are_a_format_and_perhaps_a_file)
{
    struct ol_output output;
    const char *trouble;
    cr_assert(ol_output_parse(&output, &pool, "json=/tmp/a=b", &trouble));
    cr_assert_str_eq(output.path, "/tmp/a=b");
    cr_assert(ol_output_parse(&output, &pool, "text", &trouble));
    cr_assert_null(output.path);
    cr_assert_not(ol_output_parse(&output, &pool, "jsno=x", &trouble));
    cr_assert(strstr(trouble, "did you mean 'json'?"), "%s", trouble);
    cr_assert_not(ol_output_parse(&output, &pool, "json=", &trouble));
}

Test(report_run, severities_are_words)
{
    cr_assert_eq(ol_choice_severity("note"), OL_SEVERITY_note);
    cr_assert_eq(ol_choice_severity("error"), OL_SEVERITY_error);
    cr_assert_eq(ol_choice_severity("never"), OL_SEVERITY_COUNT);
    cr_assert_eq(ol_choice_severity("fatal"), -1);
}
