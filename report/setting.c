/* Settings of the preloaded half. Called by run.c. */
#include "setting.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choice.h"
#include "pool.h"

enum type { TYPE_TEXT, TYPE_NUMBER, TYPE_SWITCH };

static const struct setting {
    enum type type;
    const char *field, *variable, *text;
    uint32_t lowest, highest;
} settings[] = {
#define TEXT(name, environment, value, words) {TYPE_TEXT, #name, environment, words, 0, 0},
#define NUMBER(name, environment, value, low, high, words)                                         \
    {TYPE_NUMBER, #name, environment, words, low, high},
#define SWITCH(name, environment, value, words) {TYPE_SWITCH, #name, environment, words, 0, 1},
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
static void check_pack(const char *word, struct argp_state *state, struct obstack *pool)
{
    const char *all = "packs are";
    if (strpbrk(word, "/.") || is_pack(word) || access(word, F_OK) == 0)
        return;
    for (size_t i = 0; i < sizeof packs / sizeof *packs; i++)
        all = ol_pool_format(pool, "%s%s %s", all, i ? "," : "", packs[i]);
    argp_error(state, "--rules: '%s' is neither a file nor a pack%s", word,
               ol_choice_guess(pool, word, packs, sizeof packs / sizeof *packs, all));
}

/* Each file of a colon-separated list; packs as they are. */
static const char *absolute_list(struct obstack *pool, const char *list, struct argp_state *state)
{
    char *rest = ol_pool_string(pool, list), *at = NULL;
    const char *all = "";
    for (char *file = strtok_r(rest, ":", &at); file; file = strtok_r(NULL, ":", &at)) {
        check_pack(file, state, pool);
        all = ol_pool_format(pool, "%s%s%s", all, *all ? ":" : "",
                             is_pack(file) ? file : ol_setting_absolute(pool, file));
    }
    return all;
}

static void check_number(const struct setting *setting, const char *value, struct argp_state *state,
                         struct obstack *pool)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number < setting->lowest ||
        number > setting->highest)
        argp_error(state, "--%s: '%s' is no number from %u to %u", option_name(pool, setting),
                   value, setting->lowest, setting->highest);
}

bool ol_setting_apply(int key, const char *value, struct argp_state *state, struct obstack *pool)
{
    if (key < OL_SETTING_KEY || key >= OL_SETTING_KEY + (int)SETTINGS)
        return false;
    const struct setting *setting = &settings[key - OL_SETTING_KEY];
    if (setting->type == TYPE_NUMBER)
        check_number(setting, value, state, pool);
    else if (setting->type == TYPE_SWITCH)
        value = "0";
    else if (is(setting, "rules"))
        value = absolute_list(pool, value, state);
    else if (is(setting, "log") && strcmp(value, "stderr") != 0 && strcmp(value, "off") != 0)
        value = ol_setting_absolute(pool, value);
    setenv(setting->variable, value, 1);
    return true;
}
