/* SPDX-License-Identifier: MIT */
/* detector/ruleset.c: lines of rules files, good, bad and hostile. */
#include "detector/ruleset.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detector/function.h"
#include "detector/loop_rule.h"
#include "listener.h"

static struct listener listener;
static unsigned shipped; /* allow rules of the built-in pack */

static void read_bytes(const void *bytes, size_t size)
{
    char name[] = "/tmp/offloop-rules-XXXXXX";
    ol_ruleset_read(NULL, hear, &listener);
    cr_assert_eq(listener.count, 0, "the shipped rules: %s", listener.last);
    shipped = ol_ruleset.allow_count;
    int fd = mkstemp(name);
    cr_assert(write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    ol_ruleset_read(name, hear, &listener);
    unlink(name);
}

static void read_rules(const char *text)
{
    read_bytes(text, strlen(text));
}

static const struct ol_allow_rule *added(unsigned index)
{
    cr_assert_lt(shipped + index, ol_ruleset.allow_count);
    return &ol_ruleset.allow[shipped + index];
}

Test(ruleset, an_allow_rule_with_all_its_conditions)
{
    read_rules(
        "allow open path=/srv/* caller=libx.so* symbol=load python=a.b:C.d \"why\" # note\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_str_eq(added(0)->rule, "open");
    cr_assert_str_eq(added(0)->path, "/srv/*");
    cr_assert_str_eq(added(0)->caller, "libx.so*");
    cr_assert_str_eq(added(0)->symbol, "load");
    cr_assert_str_eq(added(0)->code.module, "a.b");
    cr_assert_str_eq(added(0)->code.function, "C.d");
}

Test(ruleset, below_a_function_is_a_condition_of_its_own)
{
    read_rules(
        "allow open under=a.b:C.d\nallow open python=a.b:C.d\nno-allow open under=a.b:C.d\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_str_eq(added(0)->under.module, "a.b");
    cr_assert_str_eq(added(0)->under.function, "C.d");
    cr_assert_null(added(0)->code.module);
    cr_assert(added(0)->off, "taken back by its own words");
    cr_assert(!added(1)->off);
}

Test(ruleset, how_long_a_suppressed_call_may_take)
{
    read_rules("allow open path=/a\nallow open path=/b limit=250\nallow open path=/c limit=none\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_eq(added(0)->limit_ms, OL_ALLOW_LIMIT_stall);
    cr_assert_eq(added(1)->limit_ms, 250);
    cr_assert_eq(added(2)->limit_ms, OL_ALLOW_LIMIT_none);
}

Test(ruleset, quotes_blanks_and_carriage_returns)
{
    read_rules("  allow\topen  path='/srv/my files/*'\r\n\r\n# nothing\n\t\n"
               "allow open \"path=/a\"b 'why'");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_str_eq(added(0)->path, "/srv/my files/*");
    cr_assert_str_eq(added(1)->path, "/ab");
}

Test(ruleset, severities_change_by_glob)
{
    read_rules("severity read* note\nseverity sleep warning\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_eq(ol_ruleset_severity(OL_RULE_readdir), OL_SEVERITY_note);
    cr_assert_eq(ol_ruleset_severity(OL_RULE_sleep), OL_SEVERITY_warning);
    cr_assert_eq(ol_ruleset_severity(OL_RULE_open), OL_SEVERITY_warning);
}

Test(ruleset, names_of_loop_threads)
{
    read_rules("loop thread=tokio-runtime-w*\n");
    cr_assert(ol_loop_rule_find(false, false, "tokio-runtime-worker"));
    cr_assert_not(ol_loop_rule_find(false, false, "python3"));
}

Test(ruleset, loops_by_their_library_and_what_is_none)
{
    read_rules("loop caller=libmine.so*\n"
               "no-loop thread=poller-*\n"
               "no-loop caller=libtheirs.so* \"they wait for themselves\"\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert(ol_loop_rule_find(true, false, "libmine.so.1"));
    cr_assert_not(ol_loop_rule_find(true, true, "libmine.so.1"));
    cr_assert(ol_loop_rule_find(true, true, "libtheirs.so.2"));
    cr_assert(ol_loop_rule_find(false, true, "poller-7"));
    cr_assert_not(ol_loop_rule_find(false, false, "poller-7"));
}

Test(ruleset, how_many_frames_and_which_must_not_be_there)
{
    read_rules("allow cond-wait caller=libvm.so frames=3 unless=VM_[GS]*\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_eq(added(0)->frames, 3);
    cr_assert_str_eq(added(0)->unless, "VM_[GS]*");
    read_rules("allow cond-wait caller=libvm.so frames=many\n");
    cr_assert_eq(listener.count, 1);
}

Test(ruleset, frames_and_unless_say_more_of_a_caller_or_a_symbol)
{
    read_rules("allow cond-wait frames=3\nallow open path=/x unless=VM_*\n");
    cr_assert_eq(listener.count, 2, "%s", listener.last);
}

Test(ruleset, no_allow_takes_back)
{
    read_rules("allow open path=/x\nno-allow open path=/x\nno-allow open path=/y\n");
    cr_assert(added(0)->off);
    cr_assert_eq(listener.count, 1, "the second takes back nothing");
}

static void complains(const char *line, const char *of)
{
    listener = (struct listener){0};
    read_rules(line);
    cr_assert_eq(listener.count, 1, "'%s' got %u complaints, the last: %s", line, listener.count,
                 listener.last);
    cr_assert_not_null(strstr(listener.last, of), "'%s' got: %s", line, listener.last);
    cr_assert_eq(ol_ruleset.allow_count, shipped, "'%s' is skipped", line);
}

Test(ruleset, bad_lines_are_named_and_skipped)
{
    complains("alow open path=/x", "did you mean 'allow'?");
    complains("allow", ":1: ");
    complains("allow oepn path=/x", "did you mean 'open'?");
    complains("allow open pth=/x", "'pth=/x'");
    complains("allow open path=", "'path='");
    complains("allow open udner=a:b", "under=MODULE:FUNCTION");
    complains("allow open path=/x limit=", "'limit='");
    complains("allow open path=/x limit=0", "'limit=0'");
    complains("allow open path=/x limit=5s", "limit=MS or limit=none");
    complains("allow open path=/x limit=99999999999", "'limit=99999999999'");
    complains("allow open path=\"/x", "a quote is left open");
    complains("\n\nseverity open bad", ":3: ");
    complains("severity open", "severity takes");
    complains("blocking work \"x\"\nloop-only work \"y\"", ":2: 'work' has a rule of another kind");
    complains("loop thread=", "takes thread=GLOB or caller=GLOB");
    complains("no-allow", "no-allow");
    complains("'' open", ":1: ");
}

Test(ruleset, too_many_words_do_not_make_a_broader_rule)
{
    complains("allow open path=/1 path=/2 path=/3 path=/4 path=/5 path=/6 path=/7 path=/8 path=/9 "
              "path=/10 path=/11 path=/12 path=/13 path=/14 caller=only-this",
              "too many");
}

Test(ruleset, too_many_allow_rules)
{
    static char text[400 * 24];
    for (int i = 0; i < 400; i++)
        sprintf(text + strlen(text), "allow open path=/%d\n", i);
    read_rules(text);
    cr_assert_eq(ol_ruleset.allow_count, OL_ALLOW_MAX);
    cr_assert_eq(listener.count, 400 - OL_ALLOW_MAX + shipped);
}

Test(ruleset, bytes_at_random_do_no_harm)
{
    static unsigned char noise[60000];
    for (unsigned seed = 0; seed < 20; seed++) {
        srand(seed);
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = rand() % 5 ? (unsigned char)"allow open\n'\"#=*[] \tpath"[rand() % 24]
                                  : (unsigned char)(1 + rand() % 255);
        listener = (struct listener){0};
        read_bytes(noise, sizeof noise);
    }
}

Test(ruleset, a_nul_is_not_silently_the_end)
{
    static const char bytes[] = "allow open path=/a\n\0allow open path=/b\n";
    read_bytes(bytes, sizeof bytes - 1);
    cr_assert_eq(listener.count, 1, "what stands behind it is not read, and that is said");
    cr_assert_eq(ol_ruleset.allow_count, shipped);
}

Test(ruleset, files_that_can_not_be_read)
{
    ol_ruleset_read("/nonexistent:/etc:", hear, &listener);
    cr_assert_eq(listener.count, 2);
    cr_assert_str_eq(listener.last, "OFFLOOP_RULES: /etc: is not a file, but a folder or a device");
    ol_ruleset_read("/nonexistent", hear, &listener);
    cr_assert_str_eq(listener.last, "OFFLOOP_RULES: /nonexistent: no such file");
}

Test(ruleset, a_file_of_windows_editors)
{
    read_rules("\xef\xbb\xbf"
               "allow open path=/a \"why\"\r\nallow stat path=/b\r\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_str_eq(added(0)->path, "/a");
    cr_assert_str_eq(added(1)->path, "/b");
}

Test(ruleset, a_pipe_that_nobody_writes_does_not_stop_the_program, .timeout = 5)
{
    char name[] = "/tmp/offloop-fifo-XXXXXX";
    cr_assert_not_null(mktemp(name));
    cr_assert(mkfifo(name, 0600) == 0);
    ol_ruleset_read(name, hear, &listener);
    unlink(name);
    cr_assert_eq(listener.count, 1);
}

/* Each line and each key stands alone: nothing of an earlier one is left in a later one. */
Test(ruleset, of_several_loops_of_a_function_the_last_counts)
{
    read_rules("loop-only one loop=arg0+8 loop=arg1 \"x\"\n"
               "loop-only two loop=arg0:get_loop loop=any \"x\"\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_not(ol_function_find("one")->indirect);
    cr_assert_eq(ol_function_find("one")->argument, 1);
    cr_assert_null(ol_function_find("two")->getters[0]);
}

Test(ruleset, a_loop_is_found_by_an_offset_or_by_functions_never_by_both)
{
    static const char *const loops[] = {
        "arg0:+8", "arg0:get+8", "arg0+8:get", "arg0:", "arg0::get", "arg0+", "arg12"};
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        char line[80];
        snprintf(line, sizeof line, "loop-only f loop=%s \"x\"\n", loops[i]);
        listener.count = 0;
        read_rules(line);
        cr_expect_eq(listener.count, 1, "%s", loops[i]);
        cr_expect_null(ol_function_find("f"), "%s", loops[i]);
    }
}

Test(ruleset, rules_of_functions_are_forgotten_when_files_are_read_again)
{
    read_rules("blocking mine \"x\"\n");
    unsigned count = ol_rule_count();
    read_rules("blocking others \"x\"\n");
    cr_assert_eq(ol_rule_count(), count);
    cr_assert_lt(ol_rule_named("mine"), 0);
    cr_assert_geq(ol_rule_named("others"), OL_RULE_COUNT);
}

Test(ruleset, a_files_name_is_as_harmless_as_its_words)
{
    static const char name[] = "/tmp/offloop-\033[2J.rules";
    FILE *file = fopen(name, "w");
    fputs("alow x\nallow slep path=/x\n", file);
    fclose(file);
    ol_ruleset_read(name, hear, &listener);
    unlink(name);
    cr_assert_eq(listener.count, 2);
    cr_assert_null(strchr(listener.last, '\033'));
    cr_assert(strstr(listener.last, "/tmp/offloop-\\x1b[2J.rules:2: "), "%s", listener.last);
}

Test(ruleset, a_name_that_may_be_meant_is_as_harmless)
{
    read_rules("loop-only ev_\a \"x\"\nseverity ev_ warning\n");
    cr_assert_eq(listener.count, 1);
    cr_assert(strstr(listener.last, "did you mean 'ev_\\a'?"), "%s", listener.last);
}

Test(ruleset, blanks_are_the_same_between_words_and_at_the_end)
{
    read_rules("allow\fopen\vpath=/a\f\v\r\nallow open path='\f'\n");
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    cr_assert_str_eq(added(0)->path, "/a");
    cr_assert_str_eq(added(1)->path, "\f");
    cr_assert_eq(added(0)->text.length, strlen("allow\fopen\vpath=/a"));
}
