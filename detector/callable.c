/* SPDX-License-Identifier: MIT */
/* Rules about Python callables. The contract is in callable.h. */
#include "callable.h"

#include <string.h>

#include "rule.h"
#include "text.h"

static struct ol_callable callables[OL_CALLABLE_MAX];
static unsigned callable_count;

/* Names that nobody wrote: "homeassistant.core.EventBus.async_fire". */
static char made_names[OL_CALLABLE_MAX * 72];
static size_t made_length;

unsigned ol_callable_count(void)
{
    return callable_count;
}

const struct ol_callable *ol_callable_at(unsigned index)
{
    return &callables[index];
}

void ol_callable_clear(void)
{
    callable_count = 0;
    made_length = 0;
}

static const char prefix[] = "python:";

bool ol_callable_is_named_by(const char *word)
{
    return strncmp(word, prefix, strlen(prefix)) == 0;
}

/* "python:a.b:C.d" into its two parts, cut in place. */
static bool read_target(struct ol_callable *callable, char *word)
{
    char *module = word + strlen(prefix);
    char *colon = strchr(module, ':');
    if (!colon || colon == module || !colon[1])
        return false;
    *colon = '\0';
    callable->module = module;
    callable->qualname = colon + 1;
    return true;
}

static bool read_key(struct ol_callable *callable, const char *word)
{
    const struct {
        const char *key;
        const char **value;
    } keys[] = {{"name=", &callable->name},
                {"api=", &callable->api},
                {"loop=", &callable->loop},
                {"when=", &callable->when}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t length = strlen(keys[i].key);
        if (strncmp(word, keys[i].key, length) == 0 && word[length]) {
            *keys[i].value = word + length;
            return true;
        }
    }
    return false;
}

/* The keys, then a hint that is the last word. */
static const char *read_rest(struct ol_callable *callable, char *const *words, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        if (read_key(callable, words[i]))
            continue;
        if (i + 1 != count)
            return "takes name=, api=, loop=, when= and then one hint in quotes";
        callable->hint = words[i];
    }
    return NULL;
}

/* MODULE.QUALNAME; NULL when the room for such names is used up. */
static const char *make_name(const struct ol_callable *callable)
{
    char *start = made_names + made_length;
    struct ol_text text = ol_text_in(start, sizeof made_names - made_length);
    ol_text_add(&text, callable->module);
    ol_text_add_char(&text, '.');
    ol_text_add(&text, callable->qualname);
    if (text.cut || made_length + text.length + 2 > sizeof made_names)
        return NULL;
    made_length += text.length + 1;
    return start;
}

static bool is_waited_for(enum ol_kind kind)
{
    return kind == OL_KIND_blocking;
}

static int number_of(const struct ol_callable *callable)
{
    struct ol_rule_row row = {
        .name = callable->name,
        .kind = callable->kind,
        .family = is_waited_for(callable->kind) ? OL_FAMILY_system : OL_FAMILY_loop_api,
        .severity = is_waited_for(callable->kind) ? OL_SEVERITY_warning : OL_SEVERITY_error,
        .what = "a rule of a rules file",
        .hint = callable->hint,
    };
    return ol_rule_add(&row);
}

const char *ol_callable_add(enum ol_kind kind, char *const *words, unsigned count)
{
    struct ol_callable callable = {.kind = kind, .hint = ""};
    if (callable_count == OL_CALLABLE_MAX)
        return "too many rules for Python callables: 320 are kept";
    if (!count || !ol_callable_is_named_by(words[0]) || !read_target(&callable, words[0]))
        return "names a Python callable as python:MODULE:QUALNAME";
    const char *wrong = read_rest(&callable, words, count);
    if (wrong)
        return wrong;
    if (!callable.name && !(callable.name = make_name(&callable)))
        return "too many names: give this one a name=";
    if (!callable.api)
        callable.api = callable.name;
    int rule = number_of(&callable);
    if (rule < 0)
        return "too many rules";
    callable.rule = (unsigned)rule;
    callables[callable_count++] = callable;
    return NULL;
}
