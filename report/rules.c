/* SPDX-License-Identifier: MIT */
/* `offloop rules`: the rules as a table, or as data. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "detector/pack.h"
#include "detector/tables.h"
#include "exit.h"
#include "page.h"
#include "say.h"
#include "stream.h"

enum { KEY_FORMAT = 0x100, KEY_ALLOW };

enum what { RULES_TABLE, RULES_JSON, RULES_ALLOW };

static const struct argp_option options[] = {
    {"format", KEY_FORMAT, "FORMAT", 0, "text (default) or json", 0},
    {"allow", KEY_ALLOW, NULL, 0, "the allow rules that are built in, as a rules file", 0},
    {0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    enum what *what = state->input;
    if (key == KEY_ALLOW) {
        *what = RULES_ALLOW;
        return 0;
    }
    if (key == ARGP_KEY_ARG)
        ol_say_exit(OL_EXIT_USAGE, "takes no argument: '%s'; did you mean: offloop explain %s",
                    value, value);
    if (key != KEY_FORMAT)
        return ARGP_ERR_UNKNOWN;
    bool json = strcmp(value, "json") == 0;
    *what = json ? RULES_JSON : RULES_TABLE;
    if (!json && strcmp(value, "text") != 0)
        ol_say_exit(OL_EXIT_USAGE, "--format: unknown format '%s': text or json", value);
    return 0;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "Lists the rules: name, family, kind, severity, and what is wrong.",
};

static void put_rule(struct ol_stream *stream, const struct ol_rule_row *rule)
{
    ol_stream_line(stream);
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "rule", rule->name);
    ol_stream_text(stream, "family", ol_families[rule->family].name);
    ol_stream_text(stream, "kind", ol_kind_names[rule->kind]);
    ol_stream_text(stream, "severity", ol_severity_names[rule->severity]);
    ol_stream_bool(stream, "slow_only", rule->slow_only);
    ol_stream_text(stream, "what", rule->what);
    ol_stream_text(stream, "hint", rule->hint);
    ol_stream_close(stream, '}');
}

static void write_json(void)
{
    struct ol_stream stream;
    ol_stream_begin(&stream);
    ol_stream_open(&stream, NULL, '[');
    for (int i = 0; i < OL_RULE_COUNT; i++)
        put_rule(&stream, &ol_rules[i]);
    ol_stream_break(&stream);
    ol_stream_close(&stream, ']');
    ol_stream_flush(&stream, stdout);
    puts("");
    ol_stream_end(&stream);
}

/* Columns that are as wide as their longest word; what is wrong goes on under itself. */
static void write_table(void)
{
    struct obstack pool;
    struct ol_page page;
    ol_pool_begin(&pool);
    ol_page_begin(&page, stdout, &pool);
    ol_page_put(&page, OL_STYLE_BOLD, "%-12s %-10s %-14s %-9s %s", "RULE", "FAMILY", "KIND",
                "SEVERITY", "WHAT");
    ol_page_line(&page, 0);
    for (int i = 0; i < OL_RULE_COUNT; i++) {
        const struct ol_rule_row *rule = &ol_rules[i];
        page.indent = page.width >= 80 ? 49 : 4;
        ol_page_put(&page, OL_STYLE_BOLD, "%-12s ", rule->name);
        ol_page_put(&page, OL_STYLE_PLAIN, "%-10s ", ol_families[rule->family].name);
        ol_page_put(&page, OL_STYLE_PLAIN, "%-14s ", ol_kind_names[rule->kind]);
        ol_page_put(&page, OL_STYLE_PLAIN, "%-9s ", ol_severity_names[rule->severity]);
        ol_page_words(&page, OL_STYLE_PLAIN, rule->what);
        if (rule->slow_only)
            ol_page_words(&page, OL_STYLE_DIM, " (only when slow)");
        ol_page_line(&page, 0);
    }
    ol_pool_end(&pool);
}

int ol_rules_main(int argc, char **argv)
{
    enum what what = RULES_TABLE;
    ol_command_parse(&argp, argc, argv, 0, &what);
    if (what == RULES_JSON)
        write_json();
    else if (what == RULES_ALLOW)
        fputs(ol_packs[OL_PACK(default)].text, stdout);
    else
        write_table();
    return ol_say_end(OL_EXIT_OK);
}
