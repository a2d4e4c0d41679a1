/* SPDX-License-Identifier: MIT */
/* What users are told of functions that their rules files name. The contract is in patch.h. */
#include <stddef.h>

#include "../../detector/log.h"
#include "../../detector/module.h"
#include "../../detector/process.h"
#include "../../detector/recorder.h"
#include "../../detector/symbol.h"
#include "../../detector/text.h"
#include "patch.h"

bool ol_patch_is_judged(const struct ol_function *function)
{
    return function->judged && ol_process.policy.action[function->rule] != OL_ACTION_ignore;
}

static bool is_unblockable(const struct ol_function *function)
{
    return function->judged && !function->can_fail &&
           ol_process.policy.action[function->rule] == OL_ACTION_block &&
           ol_patch_has_stub(function);
}

void ol_patch_tell_unblockable(void)
{
    static bool was_told[OL_FUNCTION_MAX];
    char bytes[400];
    struct ol_text line = OL_TEXT(bytes);
    unsigned count = 0;
    ol_text_add(&line, "OFFLOOP_POLICY: without fail=VALUE in their rule, these can not be failed: "
                       "block acts as backtrace:");
    for (unsigned i = 0; i < ol_function_count(); i++) {
        const struct ol_function *function = ol_function_at(i);
        if (was_told[i] || !is_unblockable(function))
            continue;
        was_told[i] = true;
        if (++count > 5)
            continue;
        ol_text_add_char(&line, ' ');
        ol_text_add(&line, function->name);
    }
    ol_text_add(&line, count > 5 ? " and others" : "");
    if (count)
        ol_log_say(bytes);
}

/* node, for one. */
void ol_patch_tell_own(void)
{
    static const struct {
        const char *symbol, *what;
    } loops[] = {{"uv_run", "libuv inside the program"},
                 {"event_base_loop", "libevent inside the program"},
                 {"ev_run", "libev inside the program"}};
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        struct ol_module module;
        const void *there = ol_symbol_address(loops[i].symbol);
        if (there && ol_module_find(there, &module) && !module.map->l_name[0])
            ol_recorder_blind_spot(loops[i].what,
                                   "the program defines these functions itself: its own calls are "
                                   "direct and are not seen, those of libraries and add-ons are");
    }
}

void ol_patch_tell_unseen(void)
{
    for (unsigned i = 0; i < ol_function_count(); i++) {
        const struct ol_function *function = ol_function_at(i);
        if (!function->shipped && ol_patch_is_judged(function) && !ol_patch_has_stub(function))
            ol_recorder_blind_spot(function->name,
                                   "no object that was loaded imports it: calls inside the object "
                                   "that defines it are not seen, or the name is wrong");
    }
}
