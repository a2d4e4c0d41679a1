/* SPDX-License-Identifier: MIT */
/* The command line as data. */
#include "describe.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "detector/tables.h"
#include "formats/format.h"
#include "profile.h"
#include "stream.h"

static void put_words(struct ol_stream *stream, const char *name, const char *const *words)
{
    ol_stream_open(stream, name, '[');
    for (; *words; words++)
        ol_stream_text(stream, NULL, *words);
    ol_stream_close(stream, ']');
}

static void put_rules(struct ol_stream *stream, const char *name)
{
    ol_stream_open(stream, name, '[');
    for (int i = 0; i < OL_RULE_COUNT; i++)
        ol_stream_text(stream, NULL, ol_rules[i].name);
    ol_stream_close(stream, ']');
}

static void put_names(struct ol_stream *stream, const char *name,
                      const char *(*name_of)(size_t index))
{
    ol_stream_open(stream, name, '[');
    for (size_t i = 0; name_of(i); i++)
        ol_stream_text(stream, NULL, name_of(i));
    ol_stream_close(stream, ']');
}

static const char *format_name(size_t index)
{
    return ol_format_at(index) ? ol_format_at(index)->name : NULL;
}

static void put_choices(struct ol_stream *stream)
{
    static const char *const severities[] = {"error", "warning", "note", "never", NULL};
    static const char *const orders[] = {"time", "count", "max", NULL};
    ol_stream_open(stream, "choices", '{');
    put_names(stream, "FORMAT", format_name);
    put_names(stream, "FORMAT[=FILE]", format_name);
    put_words(stream, "SEVERITY", severities);
    put_words(stream, "ORDER", orders);
    put_rules(stream, "RULE");
    put_names(stream, "NAME", ol_profile_name);
    ol_stream_close(stream, '}');
}

static void put_pair(struct ol_stream *stream, const char *name, const char *text)
{
    ol_stream_line(stream);
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "name", name);
    ol_stream_text(stream, "text", text);
    ol_stream_close(stream, '}');
}

static void end(struct ol_stream *stream)
{
    ol_stream_close(stream, '}');
    ol_stream_flush(stream, stdout);
    puts("");
    ol_stream_end(stream);
}

void ol_describe_all(const struct ol_command *commands)
{
    struct ol_stream stream;
    ol_stream_begin(&stream);
    ol_stream_open(&stream, NULL, '{');
    ol_stream_text(&stream, "version", OFFLOOP_VERSION);
    ol_stream_open(&stream, "commands", '[');
    for (; commands->name; commands++)
        put_pair(&stream, commands->name, commands->text);
    ol_stream_close(&stream, ']');
    put_choices(&stream);
    ol_stream_open(&stream, "formats", '[');
    for (size_t i = 0; ol_format_at(i); i++)
        put_pair(&stream, ol_format_at(i)->name, ol_format_at(i)->text);
    ol_stream_close(&stream, ']');
    end(&stream);
}

static bool ends(const struct argp_option *option)
{
    return !option->name && !option->key && !option->doc && !option->group;
}

static void put_option(struct ol_stream *stream, const struct argp_option *option)
{
    bool letter = option->key > ' ' && option->key < 0x7f;
    char short_name[2] = {letter ? (char)option->key : '\0', '\0'};
    ol_stream_line(stream);
    ol_stream_open(stream, NULL, '{');
    ol_stream_text(stream, "long", option->name);
    ol_stream_text(stream, "letter", short_name);
    ol_stream_text(stream, "argument", option->arg);
    ol_stream_text(stream, "text", option->doc ? option->doc : "");
    ol_stream_close(stream, '}');
}

static void put_options(struct ol_stream *stream, const struct argp *argp)
{
    for (const struct argp_option *option = argp->options; option && !ends(option); option++)
        if (option->name && !(option->flags & OPTION_HIDDEN))
            put_option(stream, option);
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        put_options(stream, child->argp);
}

void ol_describe_command(const struct argp *argp)
{
    const char *doc = argp->doc ? argp->doc : "", *more = strchr(doc, '\v');
    struct obstack pool;
    struct ol_stream stream;
    ol_pool_begin(&pool);
    ol_stream_begin(&stream);
    ol_stream_open(&stream, NULL, '{');
    ol_stream_text(&stream, "arguments", argp->args_doc ? argp->args_doc : "");
    ol_stream_text(&stream, "text",
                   ol_pool_copy(&pool, doc, more ? (size_t)(more - doc) : strlen(doc)));
    ol_stream_text(&stream, "more", more ? more + 1 : "");
    ol_stream_open(&stream, "options", '[');
    put_options(&stream, argp);
    ol_stream_close(&stream, ']');
    end(&stream);
    ol_pool_end(&pool);
}
