/* SPDX-License-Identifier: MIT */
/* Words that users choose from a list. */
#include "choice.h"

#include <string.h>

#include "detector/tables.h"
#include "detector/word.h"
#include "pool.h"

const char *ol_choice_guess(struct obstack *pool, const char *typed, const char *const *names,
                            size_t count, const char *otherwise)
{
    struct ol_nearest nearest = {.word = ol_word_of(typed)};
    ol_word_consider_all(&nearest, names, count);
    return nearest.name ? ol_pool_format(pool, ": did you mean '%s'?", nearest.name)
                        : ol_pool_format(pool, ": %s", otherwise);
}

int ol_choice_severity(const char *name)
{
    for (int i = 0; i < OL_SEVERITY_COUNT; i++)
        if (strcmp(name, ol_severity_names[i]) == 0)
            return i;
    return strcmp(name, "never") == 0 ? OL_SEVERITY_COUNT : -1;
}

const char *const *ol_choice_rules(struct obstack *pool)
{
    const char **names = ol_pool_array(pool, OL_RULE_COUNT, sizeof *names);
    for (int i = 0; i < OL_RULE_COUNT; i++)
        names[i] = ol_rules[i].name;
    return names;
}
