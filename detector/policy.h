/* The policy: what to do with a hit, by rule. OFFLOOP_POLICY's grammar is `ACTION` or
 * `SELECTOR=ACTION`, comma-separated, later wins. SELECTOR: a rule, a family, a kind or a severity.
 */
#ifndef OFFLOOP_POLICY_H
#define OFFLOOP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "option.h"
#include "rule.h"

struct ol_policy {
    uint8_t action[OL_RULE_MAX]; /* enum ol_action by rule */
};

/* Reads `text` into `policy` (first everything is `report`). Blanks around words are allowed, case
 * does not matter. A part that is wrong is complained of in one line that names the word and the
 * nearest valid one, and is skipped. No allocation. */
void ol_policy_parse(struct ol_policy *policy, const char *text, ol_complain *complain,
                     void *context);

/* Writes every action, severity, kind, family and rule with its text to `fd`: OFFLOOP_POLICY=help.
 */
void ol_policy_help(int fd);

#endif
