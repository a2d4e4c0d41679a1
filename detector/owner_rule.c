/* SPDX-License-Identifier: MIT */
/* Owner rules. The contract is in owner_rule.h. */
#include "owner_rule.h"

#include <string.h>

#include "glob.h"

static struct owner_rule {
    const char *pattern;
    const char *hole; /* the {} in the pattern, or NULL */
    const char *name;
} rules[32];
static unsigned rule_count;

const char *ol_owner_rule_add(const char *pattern, const char *name)
{
    const char *hole = strstr(pattern, "{}");
    if (rule_count == sizeof rules / sizeof *rules)
        return "too many owner rules: 32 are kept";
    if (hole && strstr(hole + 2, "{}"))
        return "an owner's pattern has at most one {}";
    rules[rule_count++] = (struct owner_rule){pattern, hole, name};
    return NULL;
}

void ol_owner_rule_clear(void)
{
    rule_count = 0;
}

static bool covers_start(const struct owner_rule *rule, const char *path, size_t length)
{
    char start[1024];
    struct ol_text text = OL_TEXT(start);
    ol_text_add_bytes(&text, path, length);
    return !text.cut && ol_glob_match(rule->pattern, (size_t)(rule->hole - rule->pattern), start);
}

/* The part of the path that the hole stands for, its length in `length`; NULL: the rule does not
 * fit. */
static const char *part_of(const struct owner_rule *rule, const char *path, size_t *length)
{
    const char *rest = rule->hole + 2;
    for (const char *part = path; *part;) {
        *length = strcspn(part, "/");
        if (*length && ol_glob_match(rest, strlen(rest), part + *length) &&
            covers_start(rule, path, (size_t)(part - path)))
            return part;
        part += *length + (part[*length] == '/');
    }
    return NULL;
}

/* The rule that fits; for one with a hole also what fills it. */
static const struct owner_rule *rule_for(const char *path, const char **part, size_t *length)
{
    for (const struct owner_rule *rule = rules; rule < rules + rule_count; rule++) {
        *part = NULL;
        if (rule->hole ? (*part = part_of(rule, path, length)) != NULL
                       : ol_glob_match(rule->pattern, strlen(rule->pattern), path))
            return rule;
    }
    return NULL;
}

bool ol_owner_rule_find(const char *path, struct ol_text *name)
{
    const char *part;
    size_t length;
    const struct owner_rule *rule = rule_for(path, &part, &length);
    if (!rule)
        return false;
    const char *hole = part ? strstr(rule->name, "{}") : NULL;
    if (!hole) {
        ol_text_add(name, rule->name);
        return true;
    }
    ol_text_add_bytes(name, rule->name, (size_t)(hole - rule->name));
    ol_text_add_bytes(name, part, length);
    ol_text_add(name, hole + 2);
    return true;
}

bool ol_owner_rule_is_particular(const char *path)
{
    const char *part;
    size_t length;
    const struct owner_rule *rule = rule_for(path, &part, &length);
    return rule && rule->hole;
}
