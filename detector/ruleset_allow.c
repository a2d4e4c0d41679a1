/* SPDX-License-Identifier: MIT */
/* Statements about what is allowed: allow and no-allow. The contracts are in ruleset.h and
 * ruleset_line.h. */
#include <string.h>

#include "ruleset.h"
#include "ruleset_line.h"

/* "a.b:c" -> module "a.b", function "c", "A::B#c" a function; without a colon any function. */
static void split_code(struct ol_allow_code *code, enum ol_frame_kind kind, char *value)
{
    char *colon = strchr(value, ':');
    *code = (struct ol_allow_code){.module = value, .function = "*", .kind = kind};
    if (colon) {
        *colon = '\0';
        code->function = colon + 1;
    }
}

/* The kind of frames that a language's word names; native: it is no language. */
static enum ol_frame_kind kind_of(const char *word, size_t length)
{
    static const struct {
        const char *name;
        enum ol_frame_kind kind;
    } languages[] = {
#define OL_RUNTIME(name) {#name, OL_FRAME_##name},
#include "runtimes.def"
#undef OL_RUNTIME
    };
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (strlen(languages[i].name) == length && memcmp(languages[i].name, word, length) == 0)
            return languages[i].kind;
    return OL_FRAME_native;
}

/* A number above 0. */
static bool set_number(uint32_t *number, const char *value)
{
    *number = 0;
    for (; *value >= '0' && *value <= '9' && *number < 100000000; value++)
        *number = *number * 10 + (uint32_t)(*value - '0');
    return *number && !*value;
}

/* "250" or "none". */
static bool set_limit(struct ol_allow_rule *rule, const char *value)
{
    if (strcmp(value, "none") != 0)
        return set_number(&rule->limit_ms, value);
    rule->limit_ms = OL_ALLOW_LIMIT_none;
    return true;
}

/* One KEY=GLOB of an allow line. */
static bool set_allow_key(struct ol_allow_rule *rule, char *word)
{
    char *value = strchr(word, '=');
    if (!value || !value[1])
        return false;
    size_t length = (size_t)(value++ - word);
    if (length == 4 && strncmp(word, "path", 4) == 0)
        rule->path = value;
    else if (length == 6 && strncmp(word, "caller", 6) == 0)
        rule->caller = value;
    else if (length == 6 && strncmp(word, "symbol", 6) == 0)
        rule->symbol = value;
    else if (kind_of(word, length) != OL_FRAME_native)
        split_code(&rule->code, kind_of(word, length), value);
    else if (length == 5 && strncmp(word, "under", 5) == 0)
        split_code(&rule->under, OL_FRAME_native, value);
    else if (length == 6 && strncmp(word, "unless", 6) == 0)
        rule->unless = value;
    else if (length == 6 && strncmp(word, "frames", 6) == 0)
        return set_number(&rule->frames, value);
    else if (length == 5 && strncmp(word, "limit", 5) == 0)
        return set_limit(rule, value);
    else
        return false;
    return true;
}

/* The keys of an allow line; what comes after them, quoted, is the reason, and is for readers. */
static bool read_allow_keys(struct ol_line *line, struct ol_allow_rule *rule)
{
    for (unsigned i = 2; i < line->count; i++) {
        bool last = i + 1 == line->count;
        if (!set_allow_key(rule, line->words[i]) &&
            !(last && i > 2 && !strchr(line->words[i], '='))) {
            ol_ruleset_line_complain(
                line, line->words[i],
                "is not a condition: path=GLOB, caller=GLOB, symbol=GLOB, python=MODULE:FUNCTION, "
                "ruby=MODULE:FUNCTION, under=MODULE:FUNCTION, frames=N, unless=GLOB, limit=MS or "
                "limit=none");
            return false;
        }
    }
    if ((rule->frames || rule->unless) && !rule->caller && !rule->symbol) {
        ol_ruleset_line_complain(line, rule->frames ? "frames" : "unless",
                                 "says more of caller=GLOB or symbol=GLOB, and there is none");
        return false;
    }
    return true;
}

void ol_ruleset_line_allow(struct ol_line *line)
{
    struct ol_allow_rule rule = {.text = line->text,
                                 .rule = line->words[1],
                                 .limit_ms = OL_ALLOW_LIMIT_stall,
                                 .shipped = line->shipped};
    if (line->count < 2)
        ol_ruleset_line_complain(line, NULL,
                                 "allow takes a rule and what to allow: allow RULE KEY=GLOB");
    else if (ol_ruleset.allow_count == OL_ALLOW_MAX)
        ol_ruleset_line_complain(line, NULL, "too many allow rules: 250 are kept");
    else if (ol_ruleset_line_covers(line, rule.rule) && read_allow_keys(line, &rule))
        ol_ruleset.allow[ol_ruleset.allow_count++] = rule;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_code(const struct ol_allow_code *a, const struct ol_allow_code *b)
{
    return a->kind == b->kind && same(a->module, b->module) && same(a->function, b->function);
}

static bool same_allow(const struct ol_allow_rule *a, const struct ol_allow_rule *b)
{
    return same(a->rule, b->rule) && same(a->path, b->path) && same(a->caller, b->caller) &&
           same(a->symbol, b->symbol) && same(a->unless, b->unless) && a->frames == b->frames &&
           same_code(&a->code, &b->code) && same_code(&a->under, &b->under);
}

void ol_ruleset_line_no_allow(struct ol_line *line)
{
    struct ol_allow_rule rule = {.rule = line->words[1]};
    bool found = false;
    if (line->count < 2)
        ol_ruleset_line_complain(line, NULL,
                                 "no-allow takes the words of the allow rule that it takes back");
    if (line->count < 2 || !read_allow_keys(line, &rule))
        return;
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++)
        if (same_allow(&rule, &ol_ruleset.allow[i]))
            found = ol_ruleset.allow[i].off = true;
    if (!found)
        ol_ruleset_line_complain(
            line, NULL, "no-allow takes back an allow rule, word by word: there is none like this");
}
