/* SPDX-License-Identifier: MIT */
/* A stack of the text report, folded to what matters. */
#include <string.h>

#include "../owner.h"
#include "../place.h"
#include "text.h"

#define ALL_SHOWN                                                                                  \
    6 /* of a stack without a frame of the user's: the innermost ones, else nothing would be left  \
       */
#define NAMES_SHOWN 3

static bool matters(const struct ol_violation *violation, size_t i, bool has_user)
{
    const struct ol_frame *frame = violation->frames[i];
    return frame == violation->culprit || frame->owner_class == OL_CODE_user ||
           (!has_user && i < ALL_SHOWN);
}

static bool has_users_frame(const struct ol_violation *violation)
{
    for (size_t i = 0; i < violation->frame_count; i++)
        if (violation->frames[i]->owner_class == OL_CODE_user ||
            (violation->frames[i] == violation->culprit &&
             violation->culprit->owner_class != OL_CODE_stdlib)) /* the collector */
            return true;
    return false;
}

static void put_frame(struct ol_page *page, const struct ol_violation *violation,
                      const struct ol_frame *frame)
{
    bool culprit = frame == violation->culprit;
    ol_page_line(page, 10);
    ol_page_put(page, culprit ? OL_STYLE_PLACE : OL_STYLE_PLAIN, "%s",
                frame->function ? frame->function : "?");
    ol_page_put(page, OL_STYLE_PLAIN, "  ");
    ol_page_put(page, OL_STYLE_PLAIN, "%s", ol_place_near(page->pool, violation->run, frame));
    if (frame->inlined)
        ol_page_put(page, OL_STYLE_DIM, " (inlined)");
}

/* Adds the owner unless it stands there already. */
static size_t add_name(const char **names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return count;
    if (count <= NAMES_SHOWN)
        names[count++] = name;
    return count;
}

static void put_folded(struct ol_page *page, const struct ol_violation *violation, size_t from,
                       size_t to)
{
    const char *names[NAMES_SHOWN + 1];
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count = add_name(names, count, ol_owner_name(page->pool, violation->frames[i]));
    ol_page_line(page, 10);
    ol_page_put(page, OL_STYLE_DIM, "%s %zu frame%s in", ol_page_mark(page, "…", "..."), to - from,
                to - from == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++)
        ol_page_put(page, OL_STYLE_DIM, "%s %s", i ? "," : "", names[i]);
    if (count > NAMES_SHOWN)
        ol_page_put(page, OL_STYLE_DIM, ", %s", ol_page_mark(page, "…", "..."));
}

void ol_text_put_stack(struct ol_page *page, const struct ol_violation *violation)
{
    bool has_user = has_users_frame(violation);
    if (!violation->frame_count)
        return;
    ol_page_line(page, 4);
    ol_page_put(page, OL_STYLE_DIM, "stack");
    for (size_t i = 0; i < violation->frame_count;) {
        size_t from = i;
        while (i < violation->frame_count && !matters(violation, i, has_user))
            i++;
        if (i > from)
            put_folded(page, violation, from, i);
        if (i < violation->frame_count)
            put_frame(page, violation, violation->frames[i++]);
    }
}
