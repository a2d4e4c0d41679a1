/* SPDX-License-Identifier: MIT */
/* `loop` and `no-loop` lines. The contract is in loop_rule.h. */
#include "loop_rule.h"

#include <string.h>

#include "glob.h"

static struct ol_loop_rule rules[OL_LOOP_RULES];
static unsigned rule_count;

void ol_loop_rule_clear(void)
{
    rule_count = 0;
}

const char *ol_loop_rule_add(bool no, const char *condition)
{
    bool by_caller = strncmp(condition, "caller=", 7) == 0;
    if ((!by_caller && strncmp(condition, "thread=", 7) != 0) || !condition[7])
        return "takes thread=GLOB or caller=GLOB";
    if (rule_count == OL_LOOP_RULES)
        return "is one too many: 32 lines about loops are kept";
    rules[rule_count++] = (struct ol_loop_rule){condition, condition + 7, by_caller, no};
    return NULL;
}

const struct ol_loop_rule *ol_loop_rule_find(bool by_caller, bool no, const char *text)
{
    for (unsigned i = 0; i < rule_count; i++)
        if (rules[i].by_caller == by_caller && rules[i].no == no &&
            ol_glob_match(rules[i].glob, strlen(rules[i].glob), text))
            return &rules[i];
    return NULL;
}

bool ol_loop_rule_has(bool by_caller, bool no)
{
    for (unsigned i = 0; i < rule_count; i++)
        if (rules[i].by_caller == by_caller && rules[i].no == no)
            return true;
    return false;
}

unsigned ol_loop_rule_forbidding(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < rule_count; i++)
        count += rules[i].no;
    return count;
}
