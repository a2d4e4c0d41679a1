/* SPDX-License-Identifier: MIT */
/* Allow rules for the clipboard. The grammar is that of detector/ruleset.c: words split at blanks,
 * quotes without escapes, globs where names stand. */
#include "snippet.h"

#include <ctype.h>
#include <string.h>

#include "path.h"
#include "runtime/runtime.h"

#define WHY "\"why this is harmless\""

/* A glob that covers exactly `text`, but for what can't be written between quotes. */
static const char *glob_of(struct obstack *pool, const char *text)
{
    for (; *text; text++)
        if (strchr("*?[", *text)) {
            obstack_1grow(pool, '[');
            obstack_1grow(pool, *text);
            obstack_1grow(pool, ']');
        } else {
            bool writable = isprint((unsigned char)*text) && *text != '"';
            obstack_1grow(pool, writable || (unsigned char)*text >= 0x80 ? *text : '?');
        }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

static const char *allow(struct obstack *pool, const struct ol_violation *violation,
                         const char *key, const char *value)
{
    const char *quote = strpbrk(value, " '#") ? "\"" : "";
    return ol_pool_format(pool, "allow  %s  %s%s=%s%s  " WHY, violation->rule, quote, key, value,
                          quote);
}

const char *ol_snippet_allow_place(struct obstack *pool, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    if (!culprit)
        return NULL;
    const struct ol_runtime *runtime = ol_runtime_of(culprit);
    if (runtime && runtime->rule_word && culprit->function) {
        const char *module = culprit->module ? glob_of(pool, culprit->module) : "*";
        return allow(pool, violation, runtime->rule_word,
                     ol_pool_format(pool, "%s:%s", module, glob_of(pool, culprit->function)));
    }
    if (culprit->kind == OL_FRAME_native && culprit->module)
        return allow(pool, violation, "caller", glob_of(pool, ol_path_base(culprit->module)));
    return NULL;
}

const char *ol_snippet_allow_path(struct obstack *pool, const struct ol_violation *violation)
{
    if (!violation->argument || *violation->argument != '/')
        return NULL;
    return allow(pool, violation, "path", glob_of(pool, violation->argument));
}
