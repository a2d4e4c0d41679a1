/* SPDX-License-Identifier: MIT */
/* Whose code a file of Ruby is, and what a whole stack says: the culprit, and the API that its line
 * called. For first hits; the contract is in inside.h. Frames are numbered innermost first. */
#include <string.h>

#include "inside.h"

/* --- files --- */

/* Below one of these folders the rest of a path is a feature, as `require` names it. The first that
 * is found counts. */
static const struct folder {
    const char *part;
    enum ol_owner_class owner;
    bool versioned; /* a folder comes next: "3.1.0", "async-1.30.3" */
} folders[] = {
    {"/bundler/gems/", OL_CODE_library, true},
    {"/gems/", OL_CODE_library, true},
    {"/rubygems-integration/", OL_CODE_library, true},
    {"/vendor_ruby/", OL_CODE_library, false},
    {"/site_ruby/", OL_CODE_library, false},
    {"/lib/ruby/", OL_CODE_stdlib, true},
    {"/lib64/ruby/", OL_CODE_stdlib, true},
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* There may be two of a name: "gems/3.1.0/gems/async-1.30.3". */
static const char *behind_last(const char *path, const char *part)
{
    const char *found = NULL;
    for (const char *at = path; (at = strstr(at, part)) != NULL; at++)
        found = at + strlen(part);
    return found;
}

/* Of the rest of a path: without the folder of a version, "lib" and the suffix. */
static void add_feature(struct ol_text *feature, const char *rest)
{
    const char *lib = strstr(rest, "/lib/");
    rest = lib ? lib + strlen("/lib/") : begins(rest, "lib/") ? rest + strlen("lib/") : rest;
    size_t length = strlen(rest);
    if (length > 3 && strcmp(rest + length - 3, ".rb") == 0)
        length -= 3;
    ol_text_add_bytes(feature, rest, length);
}

/* Loaders, which every program goes through, and loops, which run others' code. */
static enum ol_owner_class particular(const char *feature, enum ol_owner_class owner)
{
    static const struct {
        const char *beginning;
        enum ol_owner_class owner;
    } known[] = {
        {"rubygems", OL_CODE_import},        {"bundler", OL_CODE_import},
        {"bootsnap", OL_CODE_import},        {"zeitwerk", OL_CODE_import},
        {"eventmachine", OL_CODE_framework}, {"em/", OL_CODE_framework},
        {"async", OL_CODE_framework},        {"nio", OL_CODE_framework},
        {"io/event", OL_CODE_framework},     {"timers", OL_CODE_framework},
        {"fiber/", OL_CODE_framework},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].beginning);
        if (begins(feature, known[i].beginning) &&
            (known[i].beginning[length - 1] == '/' || !feature[length] || feature[length] == '/' ||
             feature[length] == '.'))
            return known[i].owner;
    }
    return owner;
}

/* The user's own: "shop/orders" of "…/lib/shop/orders.rb" and "…/app/shop/orders.rb", else the
 * file's name. */
static void add_own_feature(struct ol_text *feature, const char *path)
{
    const char *app = strstr(path, "/app/");
    const char *name = strrchr(path, '/');
    if (strstr(path, "/lib/"))
        add_feature(feature, path);
    else
        add_feature(feature, app ? app + strlen("/app/") : name ? name + 1 : path);
}

enum ol_owner_class ol_rbpath_classify(const char *path, char *feature, size_t size)
{
    struct ol_text text = ol_text_in(feature, size);
    if (begins(path, "<internal:")) {
        const char *name = path + strlen("<internal:");
        ol_text_add_bytes(&text, name, strcspn(name, ">"));
        return strstr(name, "rubygems") ? OL_CODE_import : OL_CODE_stdlib;
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *rest = behind_last(path, folders[i].part);
        if (!rest)
            continue;
        const char *below = folders[i].versioned ? strchr(rest, '/') : NULL;
        add_feature(&text, below ? below + 1 : rest);
        return particular(feature, folders[i].owner);
    }
    add_own_feature(&text, path);
    return OL_CODE_user;
}

/* --- stacks --- */

static void classify(const struct ol_runtime_stack *stack, unsigned index)
{
    char path[1024], feature[128];
    const struct ol_runtime_frame *frame = &stack->frames[index];
    stack->marks->classes[index] = frame->where ? OL_CODE_unknown : OL_CODE_system;
    if (frame->where && ol_rbread_path(frame, path, sizeof path))
        stack->marks->classes[index] = (uint8_t)ol_rbpath_classify(path, feature, sizeof feature);
}

/* Where the loop was when it waited, if that still stands. */
static unsigned boundary_of(const struct ol_anchor *anchor, const struct ol_runtime_stack *stack)
{
    for (unsigned i = 0; i < stack->count; i++)
        if (stack->frames[i].frame == anchor->wait_frame &&
            stack->frames[i].code == anchor->wait_code)
            return i;
    return stack->count;
}

static unsigned first_of(const struct ol_runtime_stack *stack, unsigned from, unsigned to,
                         enum ol_owner_class owner)
{
    for (unsigned i = from; i < to; i++)
        if (stack->marks->classes[i] == owner)
            return i;
    return OL_NO_INDEX;
}

/* The user's frame of the turn, else a library's, a loop's; without any what started the loop. */
static unsigned culprit_of(const struct ol_runtime_stack *stack, unsigned turn)
{
    static const uint8_t order[] = {OL_CODE_user, OL_CODE_library, OL_CODE_framework};
    const unsigned ends[] = {turn, stack->count};
    for (size_t e = 0; e < 2; e++)
        for (size_t i = 0; i < sizeof order; i++) {
            unsigned found = first_of(stack, 0, ends[e], order[i]);
            if (found != OL_NO_INDEX)
                return found;
        }
    return first_of(stack, 0, stack->count, OL_CODE_stdlib);
}

/* What the culprit's line called: the frame just inside it. Ruby's own helpers in Ruby have a file
 * of "<internal:…>". */
static void name_api(const struct ol_runtime_stack *stack, unsigned culprit,
                     struct ol_verdict *verdict)
{
    struct ol_text api = OL_TEXT(verdict->api);
    if (culprit != OL_NO_INDEX && culprit)
        ol_rbname_frame(&api, &stack->frames[culprit - 1]);
}

void ol_ruby_judge(const struct ol_anchor *anchor, const struct ol_runtime_stack *stack,
                   struct ol_verdict *verdict)
{
    for (unsigned i = 0; i < stack->count; i++)
        classify(stack, i);
    verdict->turn = boundary_of(anchor, stack);
    verdict->culprit = culprit_of(stack, verdict->turn);
    name_api(stack, verdict->culprit, verdict);
}
