/* SPDX-License-Identifier: MIT */
/* Settings of the preloaded half. */
#include "setting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choice.h"
#include "exit.h"
#include "pool.h"
#include "say.h"

enum type { TYPE_TEXT, TYPE_NUMBER, TYPE_SWITCH };

static const struct setting {
    enum type type;
    const char *field, *variable, *text;
} settings[] = {
#define TEXT(name, environment, value, words) {TYPE_TEXT, #name, environment, words},
#define NUMBER(name, environment, value, low, high, words) {TYPE_NUMBER, #name, environment, words},
#define SWITCH(name, environment, value, words) {TYPE_SWITCH, #name, environment, words},
#include "detector/options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
};

#define SETTINGS (sizeof settings / sizeof *settings)

static bool is(const struct setting *setting, const char *field)
{
    return strcmp(setting->field, field) == 0;
}

/* It has options of its own for these, or sets them. */
static bool is_the_commands(const struct setting *setting)
{
    return is(setting, "out") || is(setting, "fail_on") || is(setting, "run");
}

static const char *option_name(struct obstack *pool, const struct setting *setting)
{
    char *name = ol_pool_format(pool, "%s%s", setting->type == TYPE_SWITCH ? "no-" : "",
                                setting->field);
    for (char *c = name; (c = strchr(c, '_'));)
        *c = '-';
    return name;
}

static const char *placeholder(const struct setting *setting)
{
    if (setting->type == TYPE_SWITCH)
        return NULL;
    return setting->type == TYPE_NUMBER ? "N"
           : is(setting, "rules")       ? "FILES"
           : is(setting, "log")         ? "FILE"
                                        : "WORDS";
}

static const char *help_text(struct obstack *pool, const struct setting *setting)
{
    if (setting->type != TYPE_SWITCH)
        return ol_pool_format(pool, "%s (%s)", setting->text, setting->variable);
    /* what stands after the colon are the variable's values, which the option has no use for */
    return ol_pool_format(pool, "don't %.*s (%s)", (int)strcspn(setting->text, ":"), setting->text,
                          setting->variable);
}

struct argp_option *ol_setting_options(struct obstack *pool)
{
    struct argp_option *options = ol_pool_array(pool, SETTINGS + 1, sizeof *options);
    size_t count = 0;
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *setting = &settings[i];
        if (is_the_commands(setting))
            continue;
        options[count++] = (struct argp_option){
            .name = option_name(pool, setting),
            .key = OL_SETTING_KEY + (int)i,
            .arg = placeholder(setting),
            .doc = help_text(pool, setting),
            .group = 1,
        };
    }
    return options;
}

const char *ol_setting_absolute(struct obstack *pool, const char *path)
{
    char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
    if (!folder)
        return path;
    const char *absolute = ol_pool_format(pool, "%s/%s", folder, path);
    free(folder);
    return absolute;
}

/* Packs are built into the library, and named without path and suffix. */
static const char *const packs[] = {
#define PACK(id, name, when, prefixes) name,
#include "detector/packs.def"
#undef PACK
};

static bool is_pack(const char *name)
{
    for (size_t i = 0; i < sizeof packs / sizeof *packs; i++)
        if (strcmp(packs[i], name) == 0)
            return true;
    return false;
}

/* A plain word is meant to be a pack: without it the run would look clean. */
static void check_pack(const char *word, struct obstack *pool)
{
    const char *all = "packs are";
    if (strpbrk(word, "/.") || is_pack(word) || access(word, F_OK) == 0)
        return;
    for (size_t i = 0; i < sizeof packs / sizeof *packs; i++)
        all = ol_pool_format(pool, "%s%s %s", all, i ? "," : "", packs[i]);
    ol_say_exit(OL_EXIT_USAGE, "--rules: '%s' is neither a file nor a pack%s", word,
                ol_choice_guess(pool, word, packs, sizeof packs / sizeof *packs, all));
}

/* Each file of a colon-separated list; packs as they are. */
static const char *absolute_list(struct obstack *pool, const char *list)
{
    char *rest = ol_pool_string(pool, list), *at = NULL;
    const char *all = "";
    for (char *file = strtok_r(rest, ":", &at); file; file = strtok_r(NULL, ":", &at)) {
        check_pack(file, pool);
        all = ol_pool_format(pool, "%s%s%s", all, *all ? ":" : "",
                             is_pack(file) ? file : ol_setting_absolute(pool, file));
    }
    return all;
}

/* By an option, not by the variable. */
static bool given[SETTINGS];

const char *ol_setting_name_option(struct obstack *pool, const char *complaint)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        size_t length = strlen(settings[i].variable);
        if (given[i] && strncmp(complaint, settings[i].variable, length) == 0 &&
            complaint[length] == ':')
            return ol_pool_format(pool, "--%s%s", option_name(pool, &settings[i]),
                                  complaint + length);
    }
    return complaint;
}

bool ol_setting_apply(int key, const char *value, struct obstack *pool)
{
    if (key < OL_SETTING_KEY || key >= OL_SETTING_KEY + (int)SETTINGS)
        return false;
    const struct setting *setting = &settings[key - OL_SETTING_KEY];
    given[setting - settings] = true;
    if (setting->type == TYPE_SWITCH)
        value = "0";
    else if (is(setting, "rules"))
        value = absolute_list(pool, value);
    else if (is(setting, "log") && strcmp(value, "stderr") != 0 && strcmp(value, "off") != 0)
        value = ol_setting_absolute(pool, value);
    setenv(setting->variable, value, 1);
    return true;
}
