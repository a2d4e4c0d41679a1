/* Rules by number. The contract is in rule.h. */
#include "rule.h"

#include <string.h>

static struct ol_rule_row added[OL_RULE_MAX - OL_RULE_COUNT];
static unsigned added_count;

unsigned ol_rule_count(void)
{
    return OL_RULE_COUNT + added_count;
}

const struct ol_rule_row *ol_rule_row(unsigned rule)
{
    return rule < OL_RULE_COUNT ? &ol_rules[rule] : &added[rule - OL_RULE_COUNT];
}

int ol_rule_named(const char *name)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (strcmp(ol_rule_row(i)->name, name) == 0)
            return (int)i;
    return -1;
}

int ol_rule_add(const struct ol_rule_row *row)
{
    int known = ol_rule_named(row->name);
    if (known >= 0)
        return known;
    if (ol_rule_count() == OL_RULE_MAX)
        return -1;
    added[added_count++] = *row;
    return (int)ol_rule_count() - 1;
}
