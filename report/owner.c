/* SPDX-License-Identifier: MIT */
/* Names of owners. */
#include "owner.h"

#include "path.h"
#include "runtime/runtime.h"

const char *ol_owner_name(struct obstack *pool, const struct ol_frame *frame)
{
    const struct ol_runtime *runtime = ol_runtime_of(frame);
    if (runtime)
        return runtime->owner(pool, frame);
    return frame->module ? ol_path_base(frame->module) : "?";
}
