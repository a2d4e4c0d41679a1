/* What users are told of functions that their rules files name. The contract is in patch.h. */
#include "../detector/guest.h"
#include "../detector/live.h"
#include "../detector/recorder.h"
#include "../detector/text.h"
#include "patch.h"

bool ol_patch_is_judged(const struct ol_function *function)
{
    return function->judged && ol_guest.policy.action[function->rule] != OL_ACTION_ignore;
}

static bool is_unblockable(const struct ol_function *function)
{
    return function->judged && !function->can_fail && ol_patch_has_stub(function) &&
           ol_guest.policy.action[function->rule] == OL_ACTION_block;
}

void ol_patch_tell_unblockable(void)
{
    char bytes[400];
    struct ol_text line = OL_TEXT(bytes);
    unsigned count = 0;
    ol_text_add(&line, "OFFLOOP_POLICY: without fail=VALUE in their rule, these can not be failed: "
                       "block acts as backtrace:");
    for (unsigned i = 0; i < ol_function_count(); i++) {
        const struct ol_function *function = ol_function_at(i);
        if (!is_unblockable(function) || ++count > 5)
            continue;
        ol_text_add_char(&line, ' ');
        ol_text_add(&line, function->name);
    }
    ol_text_add(&line, count > 5 ? " and others" : "");
    if (count)
        ol_live_say(bytes);
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
