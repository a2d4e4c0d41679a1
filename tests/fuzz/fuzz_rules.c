/* SPDX-License-Identifier: MIT */
/* Anything at all as a rules file. What was understood of it, written as rules, is understood as
 * the same, and nothing is wrong with it; so is what the report shows of each allow rule. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detector/callable.h"
#include "detector/function.h"
#include "detector/loop_rule.h"
#include "detector/owner_rule.h"
#include "detector/pack.h"
#include "detector/ruleset.h"
#include "fuzz.h"

static char packs[256]; /* all of them: none is read later, so none adds rules in between */
static unsigned shipped_callables;
static char *severities[OL_RULE_MAX];

/* 'word', whatever is in it. */
static void put_word(FILE *out, const char *word)
{
    fputc('\'', out);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\"'\"'", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

static void put_key(FILE *out, const char *key, const char *value)
{
    if (!value)
        return;
    fprintf(out, " %s=", key);
    put_word(out, value);
}

static void put_code(FILE *out, const char *key, const struct ol_allow_code *code)
{
    if (!code->module)
        return;
    fprintf(out, " %s=", key);
    put_word(out, code->module);
    fputc(':', out);
    put_word(out, code->function);
}

static void put_allow(FILE *out, const char *statement, const struct ol_allow_rule *rule)
{
    fprintf(out, "%s ", statement);
    put_word(out, rule->rule);
    put_key(out, "path", rule->path);
    put_key(out, "caller", rule->caller);
    put_key(out, "symbol", rule->symbol);
    put_key(out, "unless", rule->unless);
    put_code(out, rule->code.kind == OL_FRAME_ruby ? "ruby" : "python", &rule->code);
    put_code(out, "under", &rule->under);
    if (rule->frames)
        fprintf(out, " frames=%u", rule->frames);
    if (rule->limit_ms == OL_ALLOW_LIMIT_none)
        fputs(" limit=none", out);
    else if (rule->limit_ms != OL_ALLOW_LIMIT_stall)
        fprintf(out, " limit=%u", rule->limit_ms);
    fputc('\n', out);
}

/* `as_written`: the lines as the report shows them. */
static void put_allows(FILE *out, bool as_written)
{
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++) {
        const struct ol_allow_rule *rule = &ol_ruleset.allow[i];
        if (!rule->shipped && as_written)
            fprintf(out, "%.*s\n", (int)rule->text.length, rule->text.bytes);
        else if (!rule->shipped)
            put_allow(out, "allow", rule);
        if (rule->off)
            put_allow(out, "no-allow", rule);
    }
}

static const char *const kinds[OL_KIND_COUNT] = {[OL_KIND_blocking] = "blocking",
                                                 [OL_KIND_loop_only] = "loop-only",
                                                 [OL_KIND_off_loop_only] = "off-loop-only",
                                                 [OL_KIND_misuse] = "misuse"};

static void put_loop(FILE *out, const struct ol_function *function)
{
    static const char *const words[] = {
        [OL_BELONGS_any] = "any", [OL_BELONGS_main] = "main", [OL_BELONGS_gtk] = "gtk"};
    fputs(" loop=", out);
    if (function->belongs != OL_BELONGS_argument)
        fputs(words[function->belongs], out);
    else
        fprintf(out, "arg%u", function->argument);
    if (function->belongs == OL_BELONGS_argument && function->indirect)
        fprintf(out, "+%u", function->offset);
    for (unsigned i = 0; i < OL_GETTERS && function->getters[i]; i++) {
        DEMAND(*function->getters[i] && !strchr(function->getters[i], '+'));
        fputc(':', out);
        put_word(out, function->getters[i]);
    }
}

static void put_argument(FILE *out, const char *key, uint8_t argument)
{
    if (argument != OL_NO_ARGUMENT)
        fprintf(out, " %s=arg%u", key, argument);
}

static void put_function(FILE *out, const struct ol_function *function)
{
    const char *hint = ol_rule_row(function->rule)->hint;
    fprintf(out, "%s ", kinds[function->kind]);
    put_word(out, function->name);
    fputs(function->slow_only ? " slow" : "", out);
    put_argument(out, "if", function->condition);
    put_argument(out, "show", function->shown);
    if (function->can_fail)
        fprintf(out, " fail=%lld", (long long)function->failure);
    if (function->kind != OL_KIND_blocking)
        put_loop(out, function);
    if (function->descriptor)
        fprintf(out, " fd=%u", function->descriptor);
    fputc(' ', out);
    put_word(out, hint);
    fputc('\n', out);
}

static void put_functions(FILE *out)
{
    for (unsigned i = 0; i < ol_function_count(); i++) {
        const struct ol_function *function = ol_function_at(i);
        const struct ol_function *found = ol_function_find(function->name);
        DEMAND(found == function || ol_function_is_glob(function));
        if (function->judged && !function->shipped)
            put_function(out, function);
    }
}

static void put_callables(FILE *out)
{
    for (unsigned i = shipped_callables; i < ol_callable_count(); i++) {
        const struct ol_callable *callable = ol_callable_at(i);
        DEMAND(ol_rule_named(callable->name) == (int)callable->rule);
        fprintf(out, "%s python:", kinds[callable->kind]);
        put_word(out, callable->module);
        fputc(':', out);
        put_word(out, callable->qualname);
        put_key(out, "name", callable->name);
        put_key(out, "api", callable->api);
        put_key(out, "loop", callable->loop);
        put_key(out, "when", callable->when);
        fputc(' ', out);
        put_word(out, callable->hint);
        fputc('\n', out);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In an order of their own: that of the rules is not kept. */
static void put_severities(FILE *out)
{
    size_t count = 0, size;
    for (unsigned i = 0; i < ol_rule_count(); i++) {
        if (ol_ruleset.severity[i] == OL_RULE_AS_WRITTEN)
            continue;
        FILE *line = open_memstream(&severities[count++], &size);
        fputs("severity ", line);
        put_word(line, ol_rule_row(i)->name);
        fprintf(line, " %s\n", ol_severity_names[ol_ruleset_severity(i)]);
        fclose(line);
    }
    qsort(severities, count, sizeof *severities, by_text);
    for (size_t i = 0; i < count; i++) {
        fputs(severities[i], out);
        free(severities[i]);
    }
}

/* All that was understood, as a rules file. To be freed. */
static char *written(bool as_written)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    put_functions(out);
    put_callables(out);
    put_allows(out, as_written);
    put_severities(out);
    fclose(out);
    return text;
}

static unsigned read_rules(const char *before, const void *bytes, size_t size)
{
    char files[512];
    unsigned complaints = 0;
    snprintf(files, sizeof files, "%s%s", before, fuzz_file(bytes, size));
    ol_ruleset_read(files, fuzz_hear, &complaints);
    return complaints;
}

static void ask(void)
{
    char name[64];
    struct ol_text text = OL_TEXT(name);
    ol_loop_rule_find(false, true, "worker-1");
    ol_loop_rule_find(true, false, "libuv.so.1");
    ol_owner_rule_find("/srv/components/light/one.py", &text);
    ol_owner_rule_is_particular("/srv/a/b");
}

/* Some table was full: what found no room may be something else the next time. */
static bool is_full(void)
{
    return ol_ruleset.allow_count == OL_ALLOW_MAX || ol_callable_count() == OL_CALLABLE_MAX ||
           ol_function_count() >= OL_FUNCTION_MAX - 1 || ol_rule_count() >= OL_RULE_MAX - 1;
}

static unsigned count_globs(void)
{
    unsigned globs = 0;
    for (unsigned i = 0; i < ol_function_count(); i++)
        globs += ol_function_is_glob(ol_function_at(i));
    return globs;
}

static void begin(void)
{
    unsigned complaints = 0;
    for (int i = 0; i < OL_PACK_COUNT; i++) {
        strcat(packs, ol_packs[i].name);
        strcat(packs, ":");
    }
    ol_ruleset_read(packs, fuzz_hear, &complaints);
    DEMAND(!complaints);
    shipped_callables = ol_callable_count();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!*packs)
        begin();
    if (size % 4 == 0) { /* the packs that it asks for, at the time that it does */
        read_rules("", bytes, size);
        free(written(false));
    }
    read_rules(packs, bytes, size);
    ask();
    if (!is_full() && count_globs() < OL_FUNCTION_GLOBS) {
        char *meant = written(false), *shown = written(size % 2);
        DEMAND(read_rules(packs, shown, strlen(shown)) == 0);
        char *again = written(false);
        DEMAND(strcmp(meant, again) == 0);
        free(meant);
        free(shown);
        free(again);
    }
    fuzz_forget();
    return 0;
}
