/* SPDX-License-Identifier: MIT */
/* The functions behind offloop.h; their contracts stand there. */
#include "../include/offloop.h"

#include "../detector/loop.h"
#include "../detector/process.h"
#include "../detector/rule.h"
#include "../detector/thread.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED void offloop_v1_loop_enter(const char *name)
{
    ol_loop_mark(name);
}

EXPORTED void offloop_v1_loop_leave(void)
{
    if (ol_self.wait_kind == OL_WAIT_api)
        ol_loop_end();
}

EXPORTED void offloop_v1_allow_begin(const char *rule)
{
    int found = rule ? ol_rule_named(rule) : OL_RULE_ANY;
    if (ol_self.allowing < OL_ALLOW_DEPTH)
        ol_self.allowed[ol_self.allowing] = (uint16_t)(found < 0 ? OL_RULE_MAX : found);
    ol_self.allowing++;
}

EXPORTED void offloop_v1_allow_end(void)
{
    if (ol_self.allowing)
        ol_self.allowing--;
}

EXPORTED int offloop_v1_active(void)
{
    return ol_process.ready;
}
