/* SPDX-License-Identifier: MIT */
/* detector/gate.c: what becomes of one call, in a turn and outside of it. */
#include "detector/gate.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "detector/prepare.h"
#include "detector/recorder.h"
#include "thread_fixture.h"

static const char code[8]; /* stands for code that calls */

/* The thread has returned from its loop's wait. */
static void be_in_a_turn(void)
{
    ol_self.is_loop = true;
    ol_self.armed = true;
    ol_self.turn_started = 1;
}

static void begin(void)
{
    begin_process();
    cr_assert(ol_prepare_record());
    be_in_a_turn();
}

TestSuite(gate, .init = begin);

static void policy(const char *text)
{
    ol_policy_parse(&ol_process.policy, text, hear_nothing, NULL);
}

static struct ol_call last;
static bool guard_was_up; /* while the call went on */

/* What the wrapper of a function does. False: the call did not happen. */
static bool call_from(const char *place, enum ol_call_id id, unsigned rule,
                      struct ol_argument argument, enum ol_when when)
{
    if (ol_gate_is_open())
        return true;
    if (!ol_gate_judge(&last, id, rule, place, &argument, when))
        return false;
    guard_was_up = ol_self.inside && !ol_self.armed;
    ol_gate_leave(&last);
    return true;
}

static bool stat_path(const char *path)
{
    return call_from(code, OL_CALL_stat, OL_RULE_stat, PATH(path), OL_COUNTS);
}

static uint64_t hits(void)
{
    return ol_recorder->hits;
}

static const struct ol_site_entry *site(uint32_t index)
{
    cr_assert_lt(index, ol_recorder_used(OL_SECTION_sites));
    return ol_recorder_entry(OL_SECTION_sites, index);
}

static void expect_a_turn_that_goes_on(void)
{
    cr_assert(ol_self.armed);
    cr_assert_not(ol_self.inside);
}

Test(gate, a_call_in_a_turn_is_a_hit)
{
    cr_assert(stat_path("/etc/hosts"));
    cr_assert_eq(hits(), 1);
    cr_assert_str_eq(ol_recorder_string_at(site(0)->rule), "stat");
    cr_assert_str_eq(ol_recorder_string_at(site(0)->argument), "/etc/hosts");
    cr_assert_eq(site(0)->count, 1);
    cr_assert_eq(site(0)->on_loop, OL_ON_LOOP);
    cr_assert(guard_was_up);
    expect_a_turn_that_goes_on();
}

Test(gate, a_call_outside_of_turns_is_none)
{
    ol_self.armed = false;
    cr_assert(ol_gate_is_open());
    cr_assert(stat_path("/etc/hosts"));
    cr_assert_eq(hits(), 0);
}

Test(gate, calls_inside_of_a_call_are_not_judged)
{
    struct ol_argument argument = PATH("/etc/hosts");
    struct ol_call outer;
    cr_assert(ol_gate_enter(&outer, OL_CALL_open, OL_RULE_open, code, &argument));
    cr_assert(stat_path("/etc/hosts"));
    cr_assert_eq(hits(), 1);
    ol_gate_leave(&outer);
    cr_assert(stat_path("/etc/hosts"));
    cr_assert_eq(hits(), 2);
}

Test(gate, the_same_place_is_one_site_and_another_is_another)
{
    stat_path("/etc/hosts");
    stat_path("/etc/hosts");
    cr_assert_eq(ol_recorder_used(OL_SECTION_sites), 1);
    cr_assert_eq(site(0)->count, 2);
    call_from(code, OL_CALL_open, OL_RULE_open, PATH("/etc/hosts"), OL_COUNTS);
    cr_assert_eq(ol_recorder_used(OL_SECTION_sites), 2);
    cr_assert_eq(site(1)->count, 1);
}

Test(gate, errno_survives_a_judgement)
{
    struct ol_argument argument = PATH("/etc/hosts");
    struct ol_call call;
    errno = ENOTTY;
    cr_assert(ol_gate_enter(&call, OL_CALL_stat, OL_RULE_stat, code, &argument));
    cr_assert_eq(errno, ENOTTY);
    errno = EPIPE; /* of the call itself */
    ol_gate_leave(&call);
    cr_assert_eq(errno, EPIPE);
    cr_assert_eq(hits(), 1);
}

Test(gate, an_ignored_rule_is_passed_over_and_the_others_are_not)
{
    policy("stat=ignore");
    cr_assert(stat_path("/etc/hosts"));
    cr_assert_eq(hits(), 0);
    cr_assert(guard_was_up);
    expect_a_turn_that_goes_on();
    call_from(code, OL_CALL_open, OL_RULE_open, PATH("/etc/hosts"), OL_COUNTS);
    cr_assert_eq(hits(), 1);
}

Test(gate, what_the_program_allows_is_passed_over_and_the_rest_is_not)
{
    ol_self.allowed[0] = OL_RULE_stat;
    ol_self.allowing = 1;
    stat_path("/etc/hosts");
    cr_assert_eq(hits(), 0);
    call_from(code, OL_CALL_open, OL_RULE_open, PATH("/etc/hosts"), OL_COUNTS);
    cr_assert_eq(hits(), 1);
    ol_self.allowing = 0;
    stat_path("/etc/hosts");
    cr_assert_eq(hits(), 2);
}

Test(gate, a_blocked_call_does_not_happen)
{
    policy("stat=block");
    cr_assert_not(stat_path("/etc/hosts"));
    cr_assert_eq(site(0)->blocked, 1);
    cr_assert_eq(hits(), 1);
    expect_a_turn_that_goes_on();
}

Test(gate, what_can_not_fail_is_not_blocked)
{
    policy("fsync=block");
    cr_assert(call_from(code, OL_CALL_sync, OL_RULE_fsync, NONE, OL_COUNTS));
    cr_assert_eq(hits(), 1);
    cr_assert_eq(site(0)->blocked, 0);
}

Test(gate, what_counts_if_slow_is_passed_over_when_it_was_fast)
{
    ol_process.options.slow_ms = 1000 * 1000;
    call_from(code, OL_CALL_read, OL_RULE_read, NONE, OL_IF_SLOW);
    cr_assert_eq(hits(), 0);
    expect_a_turn_that_goes_on();
}

Test(gate, what_counts_if_slow_is_a_hit_when_it_was_slow)
{
    ol_process.options.slow_ms = 0; /* everything is slow then */
    call_from(code, OL_CALL_read, OL_RULE_read, NONE, OL_IF_SLOW);
    cr_assert_eq(hits(), 1);
    cr_assert_eq(site(0)->count, 1);
    expect_a_turn_that_goes_on();
}

Test(gate, what_counts_if_slow_is_not_blocked)
{
    policy("read=block");
    ol_process.options.slow_ms = 0;
    cr_assert(call_from(code, OL_CALL_read, OL_RULE_read, NONE, OL_IF_SLOW));
    cr_assert_eq(hits(), 1);
    cr_assert_eq(site(0)->blocked, 0);
}

/* A pipe is no file: it has neither a disk behind it nor an offset. */
Test(gate, slowness_of_a_file_needs_a_file)
{
    int pipes[2];
    int file = open("/proc/self/exe", O_RDONLY);
    cr_assert(pipe(pipes) == 0);
    ol_process.options.slow_ms = 0;
    call_from(code, OL_CALL_read, OL_RULE_read, FD(pipes[0]), OL_IF_SLOW_FILE);
    cr_assert_eq(hits(), 0);
    call_from(code, OL_CALL_read, OL_RULE_read, FD(file), OL_IF_SLOW_FILE);
    cr_assert_eq(hits(), 1);
    close(file);
    close(pipes[0]);
    close(pipes[1]);
}

Test(gate, a_call_that_becomes_slow_while_it_goes_on_counts_once)
{
    struct ol_argument argument = NONE;
    struct ol_call call;
    ol_process.options.slow_ms = 1000 * 1000;
    cr_assert(ol_gate_judge(&call, OL_CALL_read, OL_RULE_read, code, &argument, OL_IF_SLOW));
    cr_assert_eq(hits(), 0);
    ol_gate_is_slow(&call);
    cr_assert_eq(hits(), 1);
    ol_gate_is_slow(&call);
    ol_gate_leave(&call);
    cr_assert_eq(hits(), 1);
}

Test(gate, sockets_have_rules_of_their_own)
{
    call_from(code, OL_CALL_read, OL_RULE_read, NONE, OL_COUNTS | OL_RECEIVES);
    cr_assert_str_eq(ol_recorder_string_at(site(0)->rule), "recv");
    call_from(code, OL_CALL_write, OL_RULE_write, NONE, OL_COUNTS | OL_SENDS);
    cr_assert_str_eq(ol_recorder_string_at(site(1)->rule), "send");
    call_from(code, OL_CALL_read, OL_RULE_read, NONE, OL_COUNTS);
    cr_assert_str_eq(ol_recorder_string_at(site(2)->rule), "read");
}

/* /proc and its like wait for no disk: the shipped rules say so. */
Test(gate, a_path_that_an_allow_rule_covers_is_suppressed_and_counted_there)
{
    stat_path("/proc/self/maps");
    cr_assert_eq(hits(), 0);
    cr_assert_eq(ol_recorder_used(OL_SECTION_sites), 0);
    stat_path("/etc/hosts");
    cr_assert_eq(hits(), 1);
}

Test(gate, no_call_is_judged_once_exit_has_begun)
{
    ol_process.exiting = true;
    stat_path("/etc/hosts"); /* under way already */
    cr_assert(ol_gate_is_open());
    stat_path("/etc/hosts");
    cr_assert_eq(hits(), 1);
}

static unsigned forks;

static void count_forks(void)
{
    forks++;
    ol_self = (struct ol_thread){.armed = false};
}

Test(gate, the_first_call_of_a_child_that_nobody_saw_renews_it_and_is_no_hit)
{
    static const _Atomic int wiped = 0;
    ol_process_at_fork = count_forks;
    ol_process_mark = &wiped;
    cr_assert(stat_path("/etc/hosts"));
    cr_assert_eq(forks, 1);
    cr_assert_eq(hits(), 0);
    cr_assert(ol_gate_is_open());
}

Test(gate, a_child_in_our_memory_is_not_judged_and_we_are)
{
    ol_process_looks_closely = 1;
    stat_path("/etc/hosts");
    cr_assert_eq(hits(), 1);
    ol_process.pid = getpid() + 1; /* as the child finds it: its parent's */
    stat_path("/etc/hosts");
    cr_assert_eq(hits(), 1);
}

/* The reads of a folder that was opened: its time grows, its count does not. */
Test(gate, further_calls_of_a_hit_add_their_time_alone)
{
    struct ol_argument argument = PATH("/etc");
    struct ol_call call;
    cr_assert(ol_gate_enter(&call, OL_CALL_opendir, OL_RULE_readdir, code, &argument));
    struct ol_gate_rest rest = ol_gate_rest_of(&call);
    ol_gate_leave(&call);
    rest.added_ns = 50;
    uint64_t before = site(0)->total_ns;
    ol_gate_resume(&call, &rest, OL_CALL_readdir, code, &argument);
    cr_assert(ol_self.inside);
    ol_gate_leave(&call);
    cr_assert_eq(site(0)->count, 1);
    cr_assert_gt(site(0)->total_ns, before);
    cr_assert_geq(site(0)->max_ns, 50);
    expect_a_turn_that_goes_on();
}

static const struct ol_gate_function anywhere = {
    .name = "stop_loop", .rule = OL_RULE_join, .can_block = true, .anywhere = true};

Test(gate, functions_of_rules_files_are_judged_on_any_thread)
{
    struct ol_argument argument = OURS("called on thread 1");
    struct ol_call call;
    ol_self = (struct ol_thread){.armed = false};
    cr_assert(ol_gate_enter_named(&call, &anywhere, code, &argument));
    ol_gate_leave(&call);
    cr_assert_eq(hits(), 1);
    cr_assert_str_eq(ol_recorder_string_at(site(0)->function), "stop_loop");
    cr_assert_eq(site(0)->on_loop, OL_OFF_LOOP);
    cr_assert_not(ol_self.armed, "it is no loop by that");
}
