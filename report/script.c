/* SPDX-License-Identifier: MIT */
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

static bool is_nodes(const struct ol_frame *frame)
{
    return frame->kind == OL_FRAME_js && strncmp(frame->file, "node:", 5) == 0;
}

/* "fs.readFileSync" of "readFileSync" in "node:fs". Node's internal modules have no public names,
 * but for what loads a module and what ends the program. */
static const char *api_of(struct obstack *pool, const struct ol_frame *frame)
{
    const char *module = frame->file + strlen("node:");
    if (strcmp(frame->function, "Module.require") == 0)
        return "require";
    if (strcmp(module, "internal/process/per_thread") == 0 && strcmp(frame->function, "exit") == 0)
        return "process.exit";
    if (strncmp(module, "internal/", 9) == 0 || *frame->function == '(' || *frame->function == '<')
        return NULL;
    return ol_pool_format(pool, "%s.%s", module, frame->function);
}

/* Of node's own functions at the end of the stack the outermost is the one that was called: by the
 * culprit, or by a package that it uses. */
static const char *api_called(struct obstack *pool, const struct ol_violation *violation)
{
    const char *api = NULL;
    for (size_t i = 0; i < violation->frame_count; i++) {
        const struct ol_frame *frame = violation->frames[i];
        if (is_nodes(frame)) {
            const char *known = api_of(pool, frame);
            api = known ? known : api;
        } else if (frame->kind == OL_FRAME_js) {
            break;
        }
    }
    return api;
}

void ol_script_judge(struct obstack *pool, struct ol_violation *violation)
{
    size_t at = nearest(violation, OL_CODE_user);
    if (at == violation->frame_count)
        at = nearest(violation, OL_CODE_library);
    if (at == violation->frame_count)
        return;
    violation->culprit = violation->frames[at];
    const char *api = api_called(pool, violation);
    violation->api = api ? api : violation->api;
}
