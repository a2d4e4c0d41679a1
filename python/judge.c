/* SPDX-License-Identifier: MIT */
/* What a Python stack says about a call: import or not, the culprit, and the name of the API that
 * the culprit called. Called once per site (`judge` of runtime.h). Frames are
 * numbered innermost first; those below `boundary` belong to the turn, the boundary itself is the
 * loop's own code. */
#include <string.h>

#include "../detector/owner_rule.h"
#include "inside.h"

/* The user knows what was given by its own name. Decorators have no other habit in common than that
 * of the names. */
static bool is_given_what_it_calls(const char *module, const char *function)
{
    return strcmp(module, "contextlib") == 0 || strcmp(module, "functools") == 0 ||
           strcmp(function, "wrapper") == 0 || strcmp(function, "wrapped") == 0 ||
           strcmp(function, "inner") == 0;
}

static enum ol_pyrole role_of(const char *module, const char *function, enum ol_owner_class owner)
{
    if (ol_pypath_is_boundary(module, function))
        return OL_PYROLE_boundary;
    enum ol_pyrole import = ol_pyimport_role(module, function, owner);
    if (import != OL_PYROLE_none)
        return import;
    return is_given_what_it_calls(module, function) ? OL_PYROLE_transparent : OL_PYROLE_none;
}

static enum ol_pyrole role_of_user(const char *file, const char *function)
{
    const char *name = strrchr(file, '/');
    bool generated = strncmp(function, "__create_fn__.", strlen("__create_fn__.")) == 0 ||
                     strncmp(file, "<attrs generated", strlen("<attrs generated")) == 0;
    if (*file == '<')
        return generated ? OL_PYROLE_entry : OL_PYROLE_fileless;
    bool in_bin = name && name - file >= 4 && memcmp(name - 4, "/bin", 4) == 0;
    return in_bin && !strchr(name, '.') && strcmp(function, "<module>") == 0 ? OL_PYROLE_entry
                                                                             : OL_PYROLE_none;
}

static void classify(struct ol_pyview *view, unsigned index)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *code = view->frames[index].code;
    const void *name = ol_pyread_pointer(code, layout->code_filename);
    char file[1024], function[128], module[128];
    view->marks->classes[index] = OL_CODE_unknown;
    view->marks->roles[index] = OL_PYROLE_none;
    if (!ol_pyread_str(name, file, sizeof file))
        return;
    enum ol_owner_class owner = ol_pypath_classify(file, module, sizeof module);
    view->marks->classes[index] = (uint8_t)owner;
    if (owner == OL_CODE_import && *file == '<')
        ol_pyimport_learn(name);
    if (!ol_pyread_str(ol_pyread_pointer(code, layout->code_name), function, sizeof function))
        return;
    if (owner == OL_CODE_user &&
        ol_pyname_function(&view->frames[index], function, sizeof function))
        view->marks->roles[index] = (uint8_t)role_of_user(file, function);
    else if (owner == OL_CODE_library && ol_owner_rule_is_particular(file))
        view->marks->roles[index] = OL_PYROLE_owned;
    else
        view->marks->roles[index] = (uint8_t)role_of(module, function, owner);
}

/* The frames of the turn and its boundary; what is further out only matters when the turn has
 * nobody to blame. */
static void look_at_turn(struct ol_pyview *view, const struct ol_anchor *anchor)
{
    view->boundary = view->count;
    for (; view->known < view->count && view->boundary == view->count; view->known++) {
        classify(view, view->known);
        if (view->marks->roles[view->known] == OL_PYROLE_boundary ||
            (anchor->frame && view->frames[view->known].frame == anchor->frame))
            view->boundary = view->known;
    }
}

static void look_at_rest(struct ol_pyview *view)
{
    for (; view->known < view->count; view->known++)
        classify(view, view->known);
}

static unsigned first_of(const struct ol_pyview *view, unsigned from, unsigned to,
                         enum ol_owner_class owner)
{
    for (unsigned i = from; i < to; i++)
        if (view->marks->classes[i] == owner)
            return i;
    return OL_NO_INDEX;
}

static unsigned first_in_role(const struct ol_pyview *view, unsigned from, unsigned to,
                              enum ol_owner_class owner, enum ol_pyrole role)
{
    for (unsigned i = from; i < to; i++)
        if (view->marks->classes[i] == owner && view->marks->roles[i] == role)
            return i;
    return OL_NO_INDEX;
}

/* The user's frame before a library's; what has no file, or only starts a package, after those
 * that are better. */
static unsigned best_of(const struct ol_pyview *view, unsigned from, unsigned to)
{
    unsigned found = first_in_role(view, from, to, OL_CODE_user, OL_PYROLE_none);
    if (found == OL_NO_INDEX)
        found = first_in_role(view, from, to, OL_CODE_user, OL_PYROLE_fileless);
    if (found == OL_NO_INDEX)
        found = first_in_role(view, from, to, OL_CODE_library, OL_PYROLE_owned);
    if (found == OL_NO_INDEX)
        found = first_of(view, from, to, OL_CODE_library);
    return found != OL_NO_INDEX ? found : first_of(view, from, to, OL_CODE_user);
}

/* The user's frame of the turn, else a library's; without either whatever started the loop, mildest
 * guess first. */
static unsigned culprit_from(struct ol_pyview *view, unsigned from)
{
    unsigned found = best_of(view, from, view->boundary);
    if (found != OL_NO_INDEX)
        return found;
    look_at_rest(view);
    found = best_of(view, from, view->count);
    if (found == OL_NO_INDEX)
        found = first_of(view, from, view->count, OL_CODE_stdlib);
    return found != OL_NO_INDEX ? found : 0;
}

/* Generators and coroutines run under the name of their own code, which can be a private helper's.
 */
static bool is_generator(const struct ol_runtime_frame *frame)
{
    return ol_pyread_word(frame->code, ol_pyruntime.layout.code_flags) & (0x20 | 0x80 | 0x200);
}

static void name_frame(struct ol_text *api, const struct ol_runtime_frame *frame)
{
    char file[1024], function[256], module[128];
    if (!ol_pyread_str(ol_pyread_pointer(frame->code, ol_pyruntime.layout.code_filename), file,
                       sizeof file) ||
        !ol_pyname_function(frame, function, sizeof function))
        return;
    ol_pypath_classify(file, module, sizeof module);
    ol_pyalias_callable(api, module, function, is_generator(frame));
}

/* The native side of a stack. */
struct native {
    void *const *frames;
    unsigned count;
};

/* A frame of which the culprit's line need not know: what it calls is what the user called. The
 * innermost one then calls a C function. */
static bool is_passed_through(const struct ol_pyview *view, unsigned index,
                              const struct native *native)
{
    uint8_t role = view->marks->roles[index];
    if (role == OL_PYROLE_fileless || role == OL_PYROLE_entry)
        return index > 0;
    return role == OL_PYROLE_transparent ||
           (view->marks->classes[index] == OL_CODE_library &&
            ol_pygiven_calls(&view->frames[index], index ? &view->frames[index - 1] : NULL,
                             native->frames, native->count));
}

/* What the culprit's line called: the frame just inside it, or a C function. A culprit beyond the
 * turn called nothing of it: then the loop's own callback is named. */
static void name_api(struct ol_text *api, const struct ol_pyview *view, unsigned culprit,
                     unsigned import, const struct native *native)
{
    unsigned inside = culprit < view->boundary ? culprit : view->boundary;
    if (import != OL_NO_INDEX && import < inside &&
        view->marks->roles[inside - 1] >= OL_PYROLE_import) {
        ol_text_add(api, ol_pyimport_api(view, import, culprit));
        return;
    }
    while (inside && is_passed_through(view, inside - 1, native))
        inside--;
    if (!inside)
        ol_pynative_callee(api, &view->frames[0], native->frames, native->count,
                           culprit < view->boundary);
    if (!api->length && (inside || culprit))
        name_frame(api, &view->frames[inside ? inside - 1 : 0]);
}

/* An import made the call: one violation, by the name that its statement asked for. */
static void judge_import(struct ol_pyview *view, unsigned root, struct ol_verdict *verdict)
{
    struct ol_text api = OL_TEXT(verdict->api);
    verdict->import = true;
    verdict->root = root;
    verdict->culprit = culprit_from(view, root + 1);
    ol_pyimport_name(view, root, verdict->import_name, sizeof verdict->import_name);
    ol_text_add(&api, ol_pyimport_api(view, root, verdict->culprit));
}

/* What the garbage collector runs is the doing of no line: the finalizer is named, the outermost
 * frame of those; but for weakref.finalize(), which runs what it was given. */
static void judge_collected(struct ol_pyview *view, unsigned run, struct ol_verdict *verdict)
{
    struct ol_text api = OL_TEXT(verdict->api);
    char file[1024], module[128];
    verdict->collected = true;
    verdict->culprit = run;
    if (run > 1 &&
        ol_pyread_str(
            ol_pyread_pointer(view->frames[run - 1].code, ol_pyruntime.layout.code_filename), file,
            sizeof file) &&
        ol_pypath_classify(file, module, sizeof module) == OL_CODE_stdlib &&
        strcmp(module, "weakref") == 0)
        run--;
    if (run)
        name_frame(&api, &view->frames[run - 1]);
}

void ol_python_judge(const struct ol_anchor *anchor, const struct ol_runtime_stack *stack,
                     struct ol_verdict *verdict)
{
    struct ol_pyview view = {.frames = stack->frames, .count = stack->count, .marks = stack->marks};
    look_at_turn(&view, anchor);
    verdict->turn = view.boundary;
    unsigned collected = ol_pycollector_frames(stack->frames, view.count, stack->native,
                                               stack->native_count);
    if (collected != OL_NO_INDEX) {
        judge_collected(&view, collected, verdict);
        return;
    }
    unsigned import = ol_pyimport_root(&view);
    verdict->during_import = import != OL_NO_INDEX;
    if (verdict->during_import && ol_pyimport_makes(&view, import)) {
        judge_import(&view, import, verdict);
        return;
    }
    struct ol_text api = OL_TEXT(verdict->api);
    verdict->culprit = culprit_from(&view, 0);
    const struct native natives = {stack->native, stack->native_count};
    name_api(&api, &view, verdict->culprit, import, &natives);
}
