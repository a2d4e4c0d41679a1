/* SPDX-License-Identifier: MIT */
/* The policy: what to do with a hit, by rule. OFFLOOP_POLICY's grammar is `ACTION` or
 * `SELECTOR=ACTION`, comma-separated, later wins. SELECTOR: a rule, a family, a kind or a severity.
 */
#ifndef OFFLOOP_POLICY_H
#define OFFLOOP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "option.h"
#include "rule.h"

/* What a part of the policy means: rules by what they have in common. */
struct ol_policy_part {
    uint8_t what; /* private */
    uint8_t value;
    uint8_t action;
};

#define OL_POLICY_PARTS 64

struct ol_policy {
    uint8_t action[OL_RULE_MAX]; /* enum ol_action by rule; of rules to come: ignore */
    struct ol_policy_part parts[OL_POLICY_PARTS]; /* for rules to come, later wins */
    unsigned part_count;
};

/* Reads `text` into `policy` (first everything is `report`). Blanks around words are allowed, case
 * does not matter. A part that is wrong is complained of in one line that names the word and the
 * nearest valid one, and is skipped. No allocation. */
void ol_policy_parse(struct ol_policy *policy, const char *text, ol_complain *complain,
                     void *context);

/* Gives the rules from that number on their actions: they were added after the policy was read, and
 * it names none of them. */
void ol_policy_extend(struct ol_policy *policy, unsigned first);

/* Whether that selector means any rule that there is, those of packs that are read when needed
 * included. */
bool ol_policy_covers(const char *selector);

/* What the policy does with rules like that one, which need not be there. */
enum ol_action ol_policy_action_of(const struct ol_policy *policy, const struct ol_rule_row *row);

/* Writes every action, severity, kind, family and rule with its text to `fd`: OFFLOOP_POLICY=help.
 */
void ol_policy_help(int fd);

#endif
