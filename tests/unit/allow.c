/* SPDX-License-Identifier: MIT */
/* detector/allow.c: what an allow rule covers, by the argument and by the frames of the stack. */
#include "detector/allow.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detector/process.h"
#include "detector/recorder.h"
#include "listener.h"

static struct listener listener;
static unsigned shipped; /* allow rules of the built-in pack */

static void make_record(void)
{
    ol_process.pid = getpid(); /* no folder: a private mapping */
    cr_assert(ol_recorder_open());
}

TestSuite(allow, .init = make_record);

static void read_rules(const char *text)
{
    char name[] = "/tmp/offloop-rules-XXXXXX";
    ol_ruleset_read(NULL, hear, &listener);
    shipped = ol_ruleset.allow_count;
    int fd = mkstemp(name);
    cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    ol_ruleset_read(name, hear, &listener);
    unlink(name);
    cr_assert_eq(listener.count, 0, "%s", listener.last);
}

/* A stack, innermost first; frames of native code are written "FILE!SYMBOL", those of Python
 * "MODULE:FUNCTION", "jit" is code without a file. '>' marks the culprit, '?' one of the language's
 * own; what comes behind "--" runs the loop. */
static struct ol_stack_words stack_of(const char *const *frames)
{
    static struct ol_stack_words words;
    words = (struct ol_stack_words){.culprit = OL_NO_INDEX, .turn = OL_NO_INDEX};
    for (; *frames; frames++) {
        const char *frame = *frames;
        if (strcmp(frame, "--") == 0) {
            words.turn = (uint16_t)words.count;
            continue;
        }
        bool blamed = *frame == '>' || *frame == '?';
        if (blamed)
            words.culprit = (uint16_t)words.count;
        uint8_t owner = *frame == '?' ? OL_CODE_stdlib : OL_CODE_user;
        frame += blamed;
        char first[100] = "", second[100] = "";
        bool python = sscanf(frame, "%99[^:!]:%99s", first, second) == 2;
        struct ol_frame_entry *entry = &words.frames[words.count++];
        *entry = (struct ol_frame_entry){.kind = python ? OL_FRAME_python : OL_FRAME_native,
                                         .owner_class = owner,
                                         .module = OL_NO_INDEX};
        if (python)
            entry->module_name = ol_recorder_string(first);
        else if (sscanf(frame, "%99[^!]!%99s", first, second) == 2)
            entry->module = (uint16_t)(first[3] - 'a'); /* "liba": one letter a library */
        entry->function = ol_recorder_string(second);
    }
    if (words.turn == OL_NO_INDEX)
        words.turn = (uint16_t)words.count;
    return words;
}

/* "liba.so" to "libc.so", in the record. */
static void make_modules(void)
{
    static const char *const paths[] = {"/srv/liba.so", "/srv/libb.so", "/srv/libc.so"};
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(ol_recorder_claim(OL_SECTION_modules, 1), i);
        struct ol_module_entry *module = ol_recorder_entry(OL_SECTION_modules, i);
        module->path = ol_recorder_string(paths[i]);
    }
}

#define STACK(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool is_allowed_on(const char *const *frames)
{
    struct ol_stack_words words = stack_of(frames);
    return ol_allow_find(OL_RULE_open, "/srv/x", &words) >= (int)shipped;
}

static int allowed(unsigned rule, const char *argument)
{
    static struct ol_stack_words words; /* no frames */
    return ol_allow_find(rule, argument, &words) - (int)shipped;
}

Test(allow, by_rule_and_argument)
{
    read_rules("allow open path=/srv/*\nallow read* path=*.idx\n");
    cr_assert_eq(allowed(OL_RULE_open, "/srv/x"), 0);
    cr_assert_lt(allowed(OL_RULE_open, "/var/x"), 0);
    cr_assert_eq(allowed(OL_RULE_readdir, "/a.idx"), 1);
    cr_assert_lt(allowed(OL_RULE_stat, "/srv/x"), 0);
    cr_assert(ol_allow_depends_on_argument(OL_RULE_open, false));
}

Test(allow, a_condition_on_frames_needs_one)
{
    read_rules("allow open caller=libx.so*\nallow open python=x:*\nallow open under=x:*\n");
    cr_assert_lt(allowed(OL_RULE_open, "/srv/x"), 0);
}

Test(allow, code_between_the_call_and_the_culprit)
{
    read_rules("allow open python=tool:*\n");
    cr_assert(is_allowed_on(STACK("os:open", "tool:look", ">app:handle", "asyncio:step")));
    cr_assert(is_allowed_on(STACK("os:open", ">tool:look", "asyncio:step")), "itself to blame");
    cr_assert(!is_allowed_on(STACK("os:open", ">app:handle", "tool:call", "asyncio:step")),
              "what it calls back is not its own doing");
}

Test(allow, where_nobody_in_the_turn_is_to_blame_all_of_it_is_one_doing)
{
    read_rules("allow open python=tool:*\n");
    cr_assert(is_allowed_on(STACK("?os:open", "tool:look", "warnings:warn", "--", "app:main")));
    cr_assert(!is_allowed_on(STACK("?os:open", "warnings:warn", "--", "tool:main")));
}

Test(allow, code_that_runs_the_loop_is_never_asked)
{
    read_rules("allow open python=tool:*\nallow open under=tool:*\n");
    cr_assert(!is_allowed_on(STACK("os:open", ">app:handle", "--", "asyncio:run", "tool:main")));
    cr_assert(!is_allowed_on(STACK("os:open", "--", "asyncio:run", ">tool:main")),
              "not even where nobody else is to blame");
    cr_assert(!is_allowed_on(STACK("os:open", "asyncio:step", "--", "asyncio:run", "tool:main")));
}

Test(allow, everything_below_a_function)
{
    read_rules("allow open under=app:start\n");
    cr_assert(
        is_allowed_on(STACK("os:open", ">app:load", "lib:each", "app:start", "asyncio:step")));
    cr_assert(is_allowed_on(STACK("os:open", ">app:start")));
    cr_assert(!is_allowed_on(STACK("os:open", ">app:load", "lib:each", "asyncio:step")));
}

Test(allow, a_library_covers_its_own_calls_and_no_callback)
{
    make_modules();
    read_rules("allow open caller=libb.so*\n");
    cr_assert(is_allowed_on(STACK("libb!b_load", ">liba!use")));
    cr_assert(!is_allowed_on(STACK(">liba!on_event", "libb!b_dispatch", "liba!main")));
}

Test(allow, a_program_in_one_file_covers_its_further_frames)
{
    make_modules();
    read_rules("allow open symbol=spawn\n");
    cr_assert(is_allowed_on(STACK(">liba!read_all", "liba!spawn", "liba!step", "libb!run")));
    cr_assert(!is_allowed_on(STACK(">liba!read_all", "jit", "liba!spawn", "libb!run")), "a script");
    cr_assert(!is_allowed_on(STACK(">liba!read_all", "libb!each", "liba!spawn")), "called back");
    cr_assert(!is_allowed_on(STACK(">liba!read_all", "--", "liba!spawn")), "not of the turn");
}

Test(allow, all_conditions_of_a_line_have_to_match)
{
    make_modules();
    read_rules("allow open caller=libb.so* python=app:*\n");
    cr_assert(is_allowed_on(STACK("libb!load", ">app:handle")));
    cr_assert(!is_allowed_on(STACK("libc!load", ">app:handle")));
    cr_assert(!is_allowed_on(STACK("libb!load", ">other:handle")));
    read_rules("allow open python=tool:* under=app:main\n");
    cr_assert(is_allowed_on(STACK("tool:look", ">app:handle", "app:main")));
    cr_assert(!is_allowed_on(STACK("tool:look", ">app:handle", "app:other")));
}
