/* The judgement on stacks with JavaScript. Called by load.c for each site. */
#include "script.h"

#include <string.h>

/* Index of the innermost frame of JavaScript of that class, or the number of frames. */
static size_t nearest(const struct ol_violation *violation, enum ol_owner_class owner_class)
{
    size_t i = 0;
    while (i < violation->frame_count && (violation->frames[i]->kind != OL_FRAME_js ||
                                          violation->frames[i]->owner_class != owner_class))
        i++;
    return i;
}

/* "fs.readFileSync" of "readFileSync" in "node:fs"; node's internal modules have no public names.
 */
static const char *api_of(struct obstack *pool, const struct ol_frame *frame)
{
    if (frame->kind != OL_FRAME_js || strncmp(frame->file, "node:", 5) != 0 ||
        strncmp(frame->file, "node:internal/", 14) == 0 || *frame->function == '(' ||
        *frame->function == '<')
        return NULL;
    return ol_pool_format(pool, "%s.%s", frame->file + 5, frame->function);
}

void ol_script_judge(struct obstack *pool, struct ol_violation *violation)
{
    size_t at = nearest(violation, OL_CODE_user);
    if (at == violation->frame_count)
        at = nearest(violation, OL_CODE_library);
    if (at == violation->frame_count)
        return;
    violation->culprit = violation->frames[at];
    /* the outermost of node's functions that are under it is the one that was called */
    for (size_t i = at; i-- > 0 && violation->frames[i]->owner_class != OL_CODE_user;) {
        const char *api = api_of(pool, violation->frames[i]);
        if (api) {
            violation->api = api;
            return;
        }
    }
}
