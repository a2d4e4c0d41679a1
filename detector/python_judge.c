/* What a Python stack says about a call: import or not, the culprit, and the name of the API that
 * the culprit called. Called once per site (ol_python_judge, contract in python.h). Frames are
 * numbered innermost first; those below `boundary` belong to the turn, the boundary itself is the
 * loop's own code. */
#include <string.h>

#include "owner_rule.h"
#include "python_inside.h"

enum { MAX_FRAMES = 256 };

enum role {
    ROLE_NONE,
    ROLE_BOUNDARY,
    ROLE_FIND_AND_LOAD,
    ROLE_IMPORT_MODULE,
    ROLE_TRANSPARENT,
    ROLE_FILELESS, /* "<string>": a program of `python -c`, or what a decorator generated */
    ROLE_ENTRY,    /* "bin/uvicorn", which starts a package; a dataclass's own __init__ */
    ROLE_OWNED     /* a library's frame that an owner rule tells from others */
};

struct view {
    const struct ol_pyframe *frames;
    unsigned count;
    unsigned known;              /* frames looked at so far */
    unsigned boundary;           /* count when there is none */
    uint8_t classes[MAX_FRAMES]; /* enum ol_owner_class */
    uint8_t roles[MAX_FRAMES];   /* enum role */
};

/* The user knows what was given by its own name. Decorators have no other habit in common than that
 * of the names. */
static bool is_given_what_it_calls(const char *module, const char *function)
{
    return strcmp(module, "contextlib") == 0 || strcmp(module, "functools") == 0 ||
           strcmp(function, "wrapper") == 0 || strcmp(function, "wrapped") == 0 ||
           strcmp(function, "inner") == 0;
}

static enum role role_of(const char *module, const char *function, enum ol_owner_class owner)
{
    if (ol_pypath_is_boundary(module, function))
        return ROLE_BOUNDARY;
    if (owner == OL_CODE_import && strcmp(function, "_find_and_load") == 0)
        return ROLE_FIND_AND_LOAD;
    if (strcmp(module, "importlib") == 0 && strcmp(function, "import_module") == 0)
        return ROLE_IMPORT_MODULE;
    return is_given_what_it_calls(module, function) ? ROLE_TRANSPARENT : ROLE_NONE;
}

static enum role role_of_user(const char *file, const char *function)
{
    const char *name = strrchr(file, '/');
    bool generated = strncmp(function, "__create_fn__.", strlen("__create_fn__.")) == 0 ||
                     strncmp(file, "<attrs generated", strlen("<attrs generated")) == 0;
    if (*file == '<')
        return generated ? ROLE_ENTRY : ROLE_FILELESS;
    bool in_bin = name && name - file >= 4 && memcmp(name - 4, "/bin", 4) == 0;
    return in_bin && !strchr(name, '.') && strcmp(function, "<module>") == 0 ? ROLE_ENTRY
                                                                             : ROLE_NONE;
}

static void classify(struct view *view, unsigned index)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *code = view->frames[index].code;
    char file[1024], function[128], module[128];
    view->classes[index] = OL_CODE_unknown;
    view->roles[index] = ROLE_NONE;
    if (!ol_pyread_str(ol_pyread_pointer(code, layout->code_filename), file, sizeof file))
        return;
    enum ol_owner_class owner = ol_pypath_classify(file, module, sizeof module);
    view->classes[index] = (uint8_t)owner;
    if (!ol_pyread_str(ol_pyread_pointer(code, layout->code_name), function, sizeof function))
        return;
    if (owner == OL_CODE_user &&
        ol_pyname_function(&view->frames[index], function, sizeof function))
        view->roles[index] = (uint8_t)role_of_user(file, function);
    else if (owner == OL_CODE_library && ol_owner_rule_is_particular(file))
        view->roles[index] = ROLE_OWNED;
    else
        view->roles[index] = (uint8_t)role_of(module, function, owner);
}

/* The frames of the turn and its boundary; what is further out only matters when the turn has
 * nobody to blame. */
static void look_at_turn(struct view *view, const struct ol_pyanchor *anchor)
{
    view->boundary = view->count;
    for (; view->known < view->count && view->boundary == view->count; view->known++) {
        classify(view, view->known);
        if (view->roles[view->known] == ROLE_BOUNDARY ||
            (anchor->frame && view->frames[view->known].frame == anchor->frame))
            view->boundary = view->known;
    }
}

static void look_at_rest(struct view *view)
{
    for (; view->known < view->count; view->known++)
        classify(view, view->known);
}

static unsigned first_of(const struct view *view, unsigned from, unsigned to,
                         enum ol_owner_class owner)
{
    for (unsigned i = from; i < to; i++)
        if (view->classes[i] == owner)
            return i;
    return OL_NO_INDEX;
}

static unsigned first_in_role(const struct view *view, unsigned from, unsigned to,
                              enum ol_owner_class owner, enum role role)
{
    for (unsigned i = from; i < to; i++)
        if (view->classes[i] == owner && view->roles[i] == role)
            return i;
    return OL_NO_INDEX;
}

/* The user's frame before a library's; what has no file, or only starts a package, after those
 * that are better. */
static unsigned best_of(const struct view *view, unsigned from, unsigned to)
{
    unsigned found = first_in_role(view, from, to, OL_CODE_user, ROLE_NONE);
    if (found == OL_NO_INDEX)
        found = first_in_role(view, from, to, OL_CODE_user, ROLE_FILELESS);
    if (found == OL_NO_INDEX)
        found = first_in_role(view, from, to, OL_CODE_library, ROLE_OWNED);
    if (found == OL_NO_INDEX)
        found = first_of(view, from, to, OL_CODE_library);
    return found != OL_NO_INDEX ? found : first_of(view, from, to, OL_CODE_user);
}

/* The user's frame of the turn, else a library's; without either whatever started the loop, mildest
 * guess first. */
static unsigned culprit_from(struct view *view, unsigned from)
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

/* The outermost import of the turn, or OL_NO_INDEX. */
static unsigned outermost_import(const struct view *view)
{
    for (unsigned i = view->boundary; i; i--)
        if (view->roles[i - 1] == ROLE_FIND_AND_LOAD)
            return i - 1;
    return OL_NO_INDEX;
}

static const char *import_api(const struct view *view, unsigned import, unsigned culprit)
{
    for (unsigned i = import + 1; i < culprit && i < view->count; i++)
        if (view->roles[i] == ROLE_IMPORT_MODULE)
            return "importlib.import_module";
    return "import";
}

/* Generators and coroutines run under the name of their own code, which can be a private helper's.
 */
static bool is_generator(const struct ol_pyframe *frame)
{
    return ol_pyread_word(frame->code, ol_pyruntime.layout.code_flags) & (0x20 | 0x80 | 0x200);
}

static void name_frame(struct ol_text *api, const struct ol_pyframe *frame)
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
static bool is_passed_through(const struct view *view, unsigned index, const struct native *native)
{
    uint8_t role = view->roles[index];
    if (role == ROLE_FILELESS || role == ROLE_ENTRY)
        return index > 0;
    return role == ROLE_TRANSPARENT ||
           (view->classes[index] == OL_CODE_library &&
            ol_pygiven_calls(&view->frames[index], index ? &view->frames[index - 1] : NULL,
                             native->frames, native->count));
}

/* What the culprit's line called: the frame just inside it, or a C function. A culprit beyond the
 * turn called nothing of it: then the loop's own callback is named. */
static void name_api(struct ol_text *api, const struct view *view, unsigned culprit,
                     unsigned import, const struct native *native)
{
    unsigned inside = culprit < view->boundary ? culprit : view->boundary;
    if (import != OL_NO_INDEX && import < inside && view->classes[inside - 1] == OL_CODE_import) {
        ol_text_add(api, import_api(view, import, culprit));
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

/* The import machinery itself made the call: one violation, by the name that the outermost import
 * asked for. */
static void judge_import(struct view *view, unsigned import, struct ol_pyverdict *verdict)
{
    struct ol_text api = OL_TEXT(verdict->api);
    verdict->import = true;
    verdict->culprit = culprit_from(view, import + 1);
    ol_pyread_str(ol_pyframe_first_local(&view->frames[import]), verdict->import_name,
                  sizeof verdict->import_name);
    ol_text_add(&api, import_api(view, import, verdict->culprit));
}

/* What the garbage collector runs is the doing of no line: the finalizer is named, the outermost
 * frame of those; but for weakref.finalize(), which runs what it was given. */
static void judge_collected(struct view *view, unsigned run, struct ol_pyverdict *verdict)
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

void ol_python_judge(const struct ol_pyanchor *anchor, const struct ol_pyframe *frames,
                     unsigned count, void *const *native, unsigned native_count,
                     struct ol_pyverdict *verdict)
{
    struct view view = {.frames = frames, .count = count < MAX_FRAMES ? count : MAX_FRAMES};
    *verdict = (struct ol_pyverdict){.in_turn = ol_python_in_turn(anchor, frames, count),
                                     .culprit = OL_NO_INDEX};
    if (!count)
        return;
    look_at_turn(&view, anchor);
    verdict->turn = view.boundary;
    unsigned collected = ol_pycollector_frames(frames, view.count, native, native_count);
    if (collected != OL_NO_INDEX) {
        judge_collected(&view, collected, verdict);
        return;
    }
    unsigned import = outermost_import(&view);
    verdict->during_import = import != OL_NO_INDEX;
    if (verdict->during_import && view.classes[0] == OL_CODE_import) {
        judge_import(&view, import, verdict);
        return;
    }
    struct ol_text api = OL_TEXT(verdict->api);
    verdict->culprit = culprit_from(&view, 0);
    const struct native natives = {native, native_count};
    name_api(&api, &view, verdict->culprit, import, &natives);
}
