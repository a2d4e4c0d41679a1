/* SPDX-License-Identifier: MIT */
/* The command line as data. Called by main.c and command.c. */
#include "describe.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "detector/tables.h"
#include "formats/format.h"
#include "outlet.h"
#include "profile.h"

static void write_object(json_t *object)
{
    ol_outlet_json(stdout, object, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    puts("");
}

static json_t *words_of(const char *const *words, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(words[i]));
    return array;
}

static json_t *rules(void)
{
    json_t *array = json_array();
    for (int i = 0; i < OL_RULE_COUNT; i++)
        json_array_append_new(array, json_string(ol_rules[i].name));
    return array;
}

static json_t *names(const char *(*name_of)(size_t index))
{
    json_t *array = json_array();
    for (size_t i = 0; name_of(i); i++)
        json_array_append_new(array, json_string(name_of(i)));
    return array;
}

static const char *format_name(size_t index)
{
    return ol_format_at(index) ? ol_format_at(index)->name : NULL;
}

/* With their help, for man pages. */
static json_t *formats(void)
{
    json_t *array = json_array();
    for (size_t i = 0; ol_format_at(i); i++)
        json_array_append_new(array, json_pack("{s:s, s:s}", "name", ol_format_at(i)->name, "text",
                                               ol_format_at(i)->text));
    return array;
}

static json_t *choices(void)
{
    static const char *const severities[] = {"error", "warning", "note", "never"};
    static const char *const orders[] = {"time", "count", "max"};
    json_t *object = json_object();
    json_object_set_new(object, "FORMAT", names(format_name));
    json_object_set_new(object, "FORMAT[=FILE]", names(format_name));
    json_object_set_new(object, "SEVERITY", words_of(severities, 4));
    json_object_set_new(object, "ORDER", words_of(orders, 3));
    json_object_set_new(object, "RULE", rules());
    json_object_set_new(object, "NAME", names(ol_profile_name));
    return object;
}

void ol_describe_all(void)
{
    json_t *commands = json_array();
    for (const struct ol_command *command = ol_commands; command->name; command++)
        json_array_append_new(
            commands, json_pack("{s:s, s:s}", "name", command->name, "text", command->text));
    write_object(json_pack("{s:s, s:o, s:o, s:o}", "version", OFFLOOP_VERSION, "commands", commands,
                           "choices", choices(), "formats", formats()));
}

static bool ends(const struct argp_option *option)
{
    return !option->name && !option->key && !option->doc && !option->group;
}

static json_t *option_of(const struct argp_option *option)
{
    bool letter = option->key > ' ' && option->key < 0x7f;
    char short_name[2] = {letter ? (char)option->key : '\0', '\0'};
    return json_pack("{s:s, s:s, s:s?, s:s}", "long", option->name, "letter", short_name,
                     "argument", option->arg, "text", option->doc ? option->doc : "");
}

static void add_options(json_t *array, const struct argp *argp)
{
    for (const struct argp_option *option = argp->options; option && !ends(option); option++)
        if (option->name && !(option->flags & OPTION_HIDDEN))
            json_array_append_new(array, option_of(option));
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        add_options(array, child->argp);
}

void ol_describe_command(const struct argp *argp)
{
    const char *doc = argp->doc ? argp->doc : "", *more = strchr(doc, '\v');
    json_t *options = json_array();
    add_options(options, argp);
    write_object(json_pack("{s:s, s:s%, s:s, s:o}", "arguments",
                           argp->args_doc ? argp->args_doc : "", "text", doc,
                           more ? (size_t)(more - doc) : strlen(doc), "more", more ? more + 1 : "",
                           "options", options));
}
