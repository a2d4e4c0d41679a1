/* SPDX-License-Identifier: MIT */
/* detector/option.c: options from the environment. */
#include "detector/option.h"

#include <criterion/criterion.h>

#include "listener.h"

static struct ol_options options;
static struct listener listener;

static void read_entries(const char *const *entries)
{
    static char copies[8][128]; /* environ is of writable strings */
    char *environment[9] = {NULL};
    for (unsigned i = 0; i < 8 && entries[i]; i++) {
        snprintf(copies[i], sizeof(copies[i]), "%s", entries[i]);
        environment[i] = copies[i];
    }
    listener.count = 0;
    ol_option_read(&options, environment, hear, &listener);
    ol_option_name_unknown(environment, hear, &listener);
}

#define READ(...) read_entries((const char *const[]){__VA_ARGS__, NULL})

Test(option, nothing_said_is_the_default)
{
    READ("PATH=/bin");
    cr_assert_str_eq(options.policy, "report");
    cr_assert_str_eq(options.out, "offloop-out");
    cr_assert_str_eq(options.rules, "");
    cr_assert_str_eq(options.fail_on, "never");
    cr_assert_eq(options.depth, 64);
    cr_assert(options.follow);
    cr_assert_eq(listener.count, 0);
}

Test(option, values_are_taken)
{
    READ("OFFLOOP_POLICY=sleep=block", "OFFLOOP_STALL_MS=0", "OFFLOOP_FOLLOW=0",
         "OFFLOOP_DEPTH= 128 ");
    cr_assert_str_eq(options.policy, "sleep=block");
    cr_assert_eq(options.stall_ms, 0);
    cr_assert_eq(options.depth, 128);
    cr_assert_not(options.follow);
    cr_assert_eq(listener.count, 0);
}

Test(option, an_empty_value_is_the_default)
{
    READ("OFFLOOP_POLICY=", "OFFLOOP_DEPTH=", "OFFLOOP_FOLLOW= ");
    cr_assert_str_eq(options.policy, "report");
    cr_assert_eq(options.depth, 64);
    cr_assert(options.follow);
    cr_assert_eq(listener.count, 0);
}

Test(option, the_first_of_two_counts)
{
    READ("OFFLOOP_DEPTH=3", "OFFLOOP_DEPTH=4");
    cr_assert_eq(options.depth, 3);
}

Test(option, a_longer_name_is_another_variable)
{
    READ("OFFLOOP_LOG_MAX=7");
    cr_assert_str_eq(options.log, "stderr");
    cr_assert_eq(options.log_max, 7);
}

Test(option, a_number_out_of_range_leaves_the_default)
{
    READ("OFFLOOP_DEPTH=500");
    cr_assert_eq(options.depth, 64);
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_DEPTH: '500' is not a number from 1 to 128: did you mean '128'? The default is 64");
    READ("OFFLOOP_DEPTH=0");
    cr_assert_eq(options.depth, 64);
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_DEPTH: '0' is not a number from 1 to 128: did you mean '1'? The default is 64");
}

Test(option, a_number_beyond_any_range_does_not_wrap_around)
{
    READ("OFFLOOP_DEPTH=18446744073709551680");
    cr_assert_eq(options.depth, 64);
    cr_assert_eq(listener.count, 1);
}

Test(option, what_is_no_number_is_told)
{
    READ("OFFLOOP_SLOW_MS=9ms");
    cr_assert_eq(options.slow_ms, 5);
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_SLOW_MS: '9ms' is not a number from 0 to 3600000: did you mean '9'? The default is 5");
    READ("OFFLOOP_SLOW_MS=-1");
    cr_assert_str_eq(
        listener.last,
        "OFFLOOP_SLOW_MS: '-1' is not a number from 0 to 3600000: did you mean '0'? The default is 5");
    READ("OFFLOOP_SLOW_MS=soon");
    cr_assert_str_eq(listener.last,
                     "OFFLOOP_SLOW_MS: 'soon' is not a number from 0 to 3600000; the default is 5");
}

Test(option, switches_take_words_too)
{
    READ("OFFLOOP_FOLLOW=Off");
    cr_assert_not(options.follow);
    READ("OFFLOOP_FOLLOW=yes");
    cr_assert(options.follow);
    READ("OFFLOOP_FOLLOW=2");
    cr_assert(options.follow);
    cr_assert_str_eq(listener.last, "OFFLOOP_FOLLOW: unknown value '2': write 1 or 0");
}

Test(option, fail_on_is_a_severity_in_lower_case)
{
    READ("OFFLOOP_FAIL_ON= Warning");
    cr_assert_str_eq(options.fail_on, "warning");
    READ("OFFLOOP_FAIL_ON=warn");
    cr_assert_str_eq(options.fail_on, "never");
    cr_assert_str_eq(listener.last,
                     "OFFLOOP_FAIL_ON: unknown severity 'warn': did you mean 'warning'?");
}

Test(option, unknown_variables_are_named_with_the_nearest)
{
    READ("OFFLOOP_POLCY=block");
    cr_assert_str_eq(
        listener.last,
        "environment: unknown variable 'OFFLOOP_POLCY': did you mean 'OFFLOOP_POLICY'?");
    READ("OFFLOOP_policy=block");
    cr_assert_eq(listener.count, 1);
    READ("OFFLOOP_XYZZYXYZZY=1");
    cr_assert_str_eq(
        listener.last,
        "environment: unknown variable 'OFFLOOP_XYZZYXYZZY': OFFLOOP_POLICY=help lists "
        "them");
    READ("OFFLOOPX=1", "OFFLOOP=1");
    cr_assert_eq(listener.count, 0);
}
