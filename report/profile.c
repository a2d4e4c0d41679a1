/* SPDX-License-Identifier: MIT */
/* Profiles. */
#include "profile.h"

#include <stdbool.h>
#include <string.h>

#include "choice.h"
#include "detector/policy.h"
#include "detector/tables.h"
#include "pool.h"

static const struct profile {
    const char *name;
    const char *rules;            /* packs that it needs: they may have rules that are blocked */
    const char *action;           /* for everything that is not blocked */
    const char *const blocked[8]; /* rules and kinds */
} profiles[] = {
    /* Home Assistant raises for these, and logs all else with a stack
       (homeassistant.block_async_io) */
    {"homeassistant",
     "homeassistant",
     "backtrace",
     {"sleep", "putrequest", "loop-only", "off-loop-only"}},
};

#define PROFILES (sizeof profiles / sizeof *profiles)

const char *ol_profile_name(size_t index)
{
    return index < PROFILES ? profiles[index].name : NULL;
}

const char *ol_profile_policy(struct obstack *pool, const char *name)
{
    for (size_t i = 0; i < PROFILES; i++) {
        if (strcmp(profiles[i].name, name) != 0)
            continue;
        const char *policy = profiles[i].action;
        for (const char *const *selector = profiles[i].blocked; *selector; selector++)
            if (ol_policy_covers(*selector))
                policy = ol_pool_format(pool, "%s,%s=block", policy, *selector);
        return policy;
    }
    return NULL;
}

const char *ol_profile_rules(const char *name)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return profiles[i].rules;
    return NULL;
}

const char *ol_profile_guess(struct obstack *pool, const char *name)
{
    const char *names[PROFILES];
    const char *all = "profiles are:";
    for (size_t i = 0; i < PROFILES; i++) {
        names[i] = profiles[i].name;
        all = ol_pool_format(pool, "%s %s", all, names[i]);
    }
    return ol_choice_guess(pool, name, names, PROFILES, all);
}
