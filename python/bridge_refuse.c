/* SPDX-License-Identifier: MIT */
/* The words of a blocked call's RuntimeError. The contract is in bridge_refuse.h. */
#include "bridge_refuse.h"

#include "../detector/recorder.h"
#include "../detector/rule.h"
#include "../detector/text.h"
#include "bridge_api.h"

static const char *wrong_of(const struct ol_callable *rule)
{
    switch (rule->kind) {
    case OL_KIND_loop_only:
        return " called from a thread that is not its event loop's";
    case OL_KIND_misuse:
        return " misused";
    default:
        return " called on the event loop's thread";
    }
}

static const char *owner_of(const struct ol_frame_entry *frame)
{
    const char *owner = ol_recorder_string_at(frame->owner);
    return *owner ? owner : ol_recorder_string_at(frame->module_name);
}

/* ", at /x/app.py:42 in handle [app]" */
static void add_culprit(struct ol_text *text, const struct ol_call *hit)
{
    if (hit->site.index == OL_SITE_LOST)
        return;
    const struct ol_site_entry *site = ol_site_entry_of(hit->site);
    if (site->culprit == OL_NO_INDEX)
        return;
    const struct ol_frame_entry *frame = ol_recorder_entry(OL_SECTION_frames,
                                                           site->first_frame + site->culprit);
    ol_text_add(text, ", at ");
    ol_text_add(text, ol_recorder_string_at(frame->file));
    ol_text_add_char(text, ':');
    ol_text_add_unsigned(text, frame->line);
    ol_text_add(text, " in ");
    ol_text_add(text, ol_recorder_string_at(frame->function));
    if (*owner_of(frame)) {
        ol_text_add(text, " [");
        ol_text_add(text, owner_of(frame));
        ol_text_add_char(text, ']');
    }
}

void ol_bridge_refuse(const struct ol_call *hit, const struct ol_callable *rule, const char *shown)
{
    char bytes[4096];
    struct ol_text text = OL_TEXT(bytes);
    const char *hint = *rule->hint ? rule->hint : ol_rule_row(rule->rule)->hint;
    ol_text_add(&text, "offloop blocked ");
    ol_text_add(&text, rule->api);
    ol_text_add(&text, ": it is");
    ol_text_add(&text, wrong_of(rule));
    if (*shown) {
        ol_text_add(&text, " (");
        ol_text_add(&text, shown);
        ol_text_add_char(&text, ')');
    }
    add_culprit(&text, hit);
    if (*hint) {
        ol_text_add(&text, ". Instead: ");
        ol_text_add(&text, hint);
    }
    ol_py.PyErr_SetString(ol_py_exception(ol_py.PyExc_RuntimeError), bytes);
}
