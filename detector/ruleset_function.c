/* SPDX-License-Identifier: MIT */
/* Rules files: the statements that name functions. The grammar is in docs/rules-files.md.
 *
 *     blocking       FUNCTION [slow] [if=argN] [show=argN] [fail=VALUE] "hint"
 *     loop-only      FUNCTION [loop=LOOP] [fd=OFFSET] [if=argN] [fail=VALUE] "hint"
 *     off-loop-only  FUNCTION [loop=LOOP] [fd=OFFSET] [if=argN] [fail=VALUE] "hint"
 *     safe           FUNCTION "why"
 *
 * FUNCTION may be a glob, or python:MODULE:QUALNAME. LOOP is any, main, gtk, argN, argN+OFFSET (a
 * field of it) or argN:GETTER (what that function says of it; argN:GETTER:GETTER goes on from
 * there).
 */
#include <stdlib.h>
#include <string.h>

#include "callable.h"
#include "function.h"
#include "ruleset_line.h"

#define ARGUMENTS 12 /* that a rule can name: registers, then the stack */

static const char *const wrong[OL_KIND_COUNT] = {
    [OL_KIND_blocking] = "waits for a server, a disk or another process",
    [OL_KIND_loop_only] = "touches a loop that another thread runs",
    [OL_KIND_off_loop_only] = "is called on the loop's own thread, for which it is not made",
};

static bool starts(const char *word, const char *beginning)
{
    return strncmp(word, beginning, strlen(beginning)) == 0;
}

/* A whole number, decimal or with 0x; false for anything else and for more than `most`. */
static bool read_number(const char *word, long least, long most, long *number)
{
    char *end;
    const char *digits = *word == '-' ? word + 1 : word;
    long value = strtol(word, &end, 0); /* looks at no locale: there are no grouping flags */
    if (*digits < '0' || *digits > '9' || *end || value < least || value > most)
        return false;
    *number = value;
    return true;
}

/* "arg0" */
static bool read_argument(const char *word, uint8_t *argument)
{
    long number;
    if (!starts(word, "arg") || !read_number(word + 3, 0, ARGUMENTS - 1, &number))
        return false;
    *argument = (uint8_t)number;
    return true;
}

/* ":evhttp_connection_get_base", cut off the word. False: too many, or one without a name. */
static bool read_getters(char *word, struct ol_function *function)
{
    unsigned count = 0;
    for (char *colon = strchr(word, ':'); colon; colon = strchr(colon + 1, ':')) {
        *colon = '\0';
        if (count == OL_GETTERS || !colon[1] || colon[1] == ':')
            return false;
        function->getters[count++] = colon + 1;
    }
    return true;
}

/* "+8", cut off the word. */
static bool read_offset(char *word, struct ol_function *function)
{
    long offset;
    char *plus = strchr(word, '+');
    if (!plus)
        return true;
    if (!read_number(plus + 1, 0, UINT16_MAX, &offset))
        return false;
    *plus = '\0';
    function->indirect = true;
    function->offset = (uint16_t)offset;
    return true;
}

/* "any", "main", "gtk", "arg0", "arg0+8", "arg0:get_loop" */
static bool read_loop(char *word, struct ol_function *function)
{
    function->indirect = false; /* of several such words the last one counts */
    memset(function->getters, 0, sizeof function->getters);
    function->belongs = OL_BELONGS_any;
    if (strcmp(word, "any") == 0)
        return true;
    function->belongs = strcmp(word, "main") == 0 ? OL_BELONGS_main : OL_BELONGS_gtk;
    if (strcmp(word, "main") == 0 || strcmp(word, "gtk") == 0)
        return true;
    function->belongs = OL_BELONGS_argument;
    if (strchr(word, ':') && strchr(word, '+'))
        return false; /* the one or the other leads to the loop */
    return read_getters(word, function) && read_offset(word, function) &&
           read_argument(word, &function->argument);
}

static bool read_failure(const char *word, struct ol_function *function)
{
    long value = 0;
    if (strcmp(word, "null") != 0 && !read_number(word, INT32_MIN, INT32_MAX, &value))
        return false;
    function->can_fail = true;
    function->failure = value;
    return true;
}

/* One KEY=VALUE. Blocking functions have no loop: any loop thread is wrong. */
static bool set_key(struct ol_function *function, char *word)
{
    bool of_thread = function->kind != OL_KIND_blocking;
    long number;
    if (of_thread && starts(word, "loop="))
        return read_loop(word + 5, function);
    if (!of_thread && strcmp(word, "slow") == 0)
        return function->slow_only = true;
    if (starts(word, "if="))
        return read_argument(word + 3, &function->condition);
    if (starts(word, "show="))
        return read_argument(word + 5, &function->shown);
    if (starts(word, "fail="))
        return read_failure(word + 5, function);
    if (!of_thread || !starts(word, "fd=") || !read_number(word + 3, 1, UINT16_MAX, &number))
        return false;
    function->descriptor = (uint16_t)number;
    return true;
}

static bool is_key(const char *word)
{
    return starts(word, "loop=") || starts(word, "if=") || starts(word, "fail=") ||
           starts(word, "fd=") || starts(word, "show=") || strcmp(word, "slow") == 0;
}

/* The keys; the last word, without '=' or not, is the hint. */
static bool read_keys(const struct ol_line *line, struct ol_function *function, const char **hint)
{
    *hint = "";
    for (unsigned i = 2; i < line->count; i++) {
        if (i + 1 == line->count && !is_key(line->words[i])) {
            *hint = line->words[i];
        } else if (!set_key(function, line->words[i])) {
            ol_ruleset_line_complain(
                line, line->words[i],
                "fits no function here: loop=any, main, gtk, argN, argN+OFFSET or "
                "argN:GETTER; "
                "if=argN; show=argN; slow; fail=-1, 0, null or another number; fd=OFFSET");
            return false;
        }
    }
    return true;
}

/* The rule's number; -1, and complained of, where there is no room. */
static int add_rule(const struct ol_line *line, const struct ol_function *function,
                    const char *hint)
{
    enum ol_kind kind = (enum ol_kind)function->kind;
    const struct ol_rule_row row = {
        .name = function->name,
        .kind = kind,
        .slow_only = function->slow_only,
        .family = kind == OL_KIND_blocking ? OL_FAMILY_system : OL_FAMILY_loop_api,
        .severity = OL_SEVERITY_error,
        .what = wrong[kind],
        .hint = hint,
    };
    int rule = ol_rule_add(&row);
    if (rule < 0)
        ol_ruleset_line_complain(line, function->name, "finds no room: there are too many rules");
    return rule;
}

/* python:MODULE:QUALNAME …: for the CPython bridge. */
static void add_callable(struct ol_line *line, enum ol_kind kind)
{
    const char *trouble = ol_callable_add(kind, line->words + 1, line->count - 1);
    if (trouble)
        ol_ruleset_line_complain(line, line->words[0], trouble);
}

/* A later rule replaces an earlier one, which is what it is for when it is of the same kind. */
static void look_for_other_kind(const struct ol_line *line, const struct ol_function *function)
{
    const struct ol_function *known = ol_function_named(function->name);
    if (known && known->judged && !known->shipped && !function->shipped &&
        known->kind != function->kind)
        ol_ruleset_line_complain(line, function->name,
                                 "has a rule of another kind already, which this one replaces: a "
                                 "function has one kind");
}

static void add_function(const struct ol_line *line, struct ol_function *function, const char *hint)
{
    look_for_other_kind(line, function);
    int rule = add_rule(line, function, hint);
    if (rule < 0)
        return;
    function->rule = (uint16_t)rule;
    if (!ol_function_add(function))
        ol_ruleset_line_complain(line, function->name,
                                 "finds no room: 1500 functions are kept, 64 of them patterns");
}

static void read_function(struct ol_line *line, enum ol_kind kind)
{
    struct ol_function function = {.kind = (uint8_t)kind,
                                   .condition = OL_NO_ARGUMENT,
                                   .shown = OL_NO_ARGUMENT,
                                   .shipped = line->shipped,
                                   .judged = true};
    const char *hint;
    if (line->count < 2) {
        ol_ruleset_line_complain(line, line->words[0], "takes a function and a hint");
    } else if (ol_callable_is_named_by(line->words[1])) {
        add_callable(line, kind);
    } else if (read_keys(line, &function, &hint)) {
        function.name = line->words[1];
        add_function(line, &function, hint);
    }
}

void ol_ruleset_line_blocking(struct ol_line *line)
{
    read_function(line, OL_KIND_blocking);
}

void ol_ruleset_line_loop_only(struct ol_line *line)
{
    read_function(line, OL_KIND_loop_only);
}

void ol_ruleset_line_off_loop_only(struct ol_line *line)
{
    read_function(line, OL_KIND_off_loop_only);
}

/* Of Python callables only: what is wrong with a native function has no words here. */
void ol_ruleset_line_misuse(struct ol_line *line)
{
    if (line->count < 2 || !ol_callable_is_named_by(line->words[1]))
        ol_ruleset_line_complain(line, line->words[0], "takes python:MODULE:QUALNAME");
    else
        add_callable(line, OL_KIND_misuse);
}

void ol_ruleset_line_safe(struct ol_line *line)
{
    if (line->count < 2 || line->count > 3)
        ol_ruleset_line_complain(line, NULL, "safe takes a function and a reason");
    else if (!ol_function_keep_safe(line->words[1]))
        ol_ruleset_line_complain(line, NULL, "too many safe lines: 256 are kept");
}
