/* SPDX-License-Identifier: MIT */
/* Where a thread's loop runs, seen from Python: which frame stands as long as the loop does. Called
 * at every wait of a loop thread and at every hit: both hot, and both only compare addresses unless
 * the frames changed. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "../detector/hash.h"
#include "../detector/module.h"
#include "inside.h"

enum {
    HOPS = 64
}; /* asyncio: select, _run_once, run_forever; what waits further in costs a nanosecond a frame */

/* The same frame waits as the last time: is its loop's frame still out there? (Before 3.11 frames
 * are reused.) */
static bool still_stands(const struct ol_anchor *anchor, struct ol_runtime_frame frame)
{
    if (!anchor->frame)
        return true;
    if (anchor->where)
        return frame.where == anchor->where;
    if (anchor->every_call)
        return true;
    for (unsigned hops = 0; hops < HOPS; hops++) {
        if (frame.frame == anchor->frame)
            return frame.code == anchor->code;
        if (!ol_pyframe_outwards(&frame))
            return false;
    }
    return false;
}

/* What stands as long as a loop runs; its first local is the loop. nest_asyncio puts functions of
 * its own in the place of asyncio's. Of those that call each other the outermost runs the loop. */
enum runner { RUNS_NOT, RUNS_ROUND, RUNS_UNTIL_STOPPED, RUNS_WHOLE };

static const struct {
    const char *name, *module;
    enum runner runner;
} runners[] = {
    {"_run_once", "asyncio.base_events", RUNS_ROUND},
    {"run_forever", "asyncio.base_events", RUNS_UNTIL_STOPPED},
    {"run_until_complete", "asyncio.base_events", RUNS_WHOLE},
    {"run_forever", "nest_asyncio", RUNS_WHOLE},
    {"run_until_complete", "nest_asyncio", RUNS_WHOLE},
};

/* Not inlined: every wait would pay for its words. */
static __attribute__((noinline)) enum runner runner_of(const struct ol_runtime_frame *frame)
{
    char name[32], file[1024], module[128];
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (!ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_name), name, sizeof name) ||
        (strncmp(name, "run_", 4) != 0 && strncmp(name, "_run_", 5) != 0) ||
        !ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_filename), file, sizeof file))
        return RUNS_NOT;
    ol_pypath_classify(file, module, sizeof module);
    for (size_t i = 0; i < sizeof runners / sizeof *runners; i++)
        if (strcmp(runners[i].name, name) == 0 && strcmp(runners[i].module, module) == 0)
            return runners[i].runner;
    return RUNS_NOT;
}

/* A callback by which another loop runs this one: trio's guest mode. It looks what is ready,
 * without a wait, when its tasks have run; a thread of its own waits (see ol_affinity_polls). */
static __attribute__((noinline)) bool is_guests_turn(const struct ol_runtime_frame *frame)
{
    char name[32], file[1024], module[128];
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (!ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_name), name, sizeof name) ||
        strcmp(name, "guest_tick") != 0 ||
        !ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_filename), file, sizeof file))
        return false;
    ol_pypath_classify(file, module, sizeof module);
    return strcmp(module, "trio._core._run") == 0;
}

static bool find_guests_turn(struct ol_runtime_frame *frame)
{
    do {
        if (is_guests_turn(frame))
            return true;
    } while (ol_pyframe_outwards(frame));
    return false;
}

/* The interpreter's own code waits for a loop written in Python: its `select` module, built in or
 * not. */
static bool is_interpreter(const struct ol_module *module)
{
    struct ol_module interpreter;
    if (ol_module_find(ol_python_address(), &interpreter) && interpreter.map == module->map)
        return true;
    return strncmp(ol_module_base_name(module->path), "select.", strlen("select.")) == 0;
}

static void stand_on(struct ol_anchor *anchor, const struct ol_runtime_frame *frame,
                     uintptr_t where)
{
    anchor->frame = frame->frame;
    anchor->code = frame->code;
    anchor->where = where;
}

/* How the loop is run that the frame waits for; the frame becomes the one that runs it.
 * run_until_complete() calls run_forever(), which calls _run_once(), all of the same loop. */
static enum runner find_runner(struct ol_runtime_frame *frame)
{
    enum runner found = RUNS_NOT;
    const void *loop = NULL;
    struct ol_runtime_frame at = *frame;
    do {
        enum runner runner = runner_of(&at);
        if (runner <= found || (found && ol_pyframe_first_local(&at) != loop))
            continue;
        if (found != RUNS_UNTIL_STOPPED)
            *frame = at;
        loop = ol_pyframe_first_local(&at);
        found = runner;
    } while (ol_pyframe_outwards(&at));
    return found;
}

static const void *root_of(struct ol_runtime_frame frame)
{
    while (ol_pyframe_outwards(&frame))
        ;
    return frame.frame;
}

static void find_anchor(struct ol_anchor *anchor, const struct ol_runtime_frame *innermost,
                        const void *caller)
{
    struct ol_module module;
    struct ol_runtime_frame frame = *innermost;
    struct ol_runtime_frame tick = *innermost;
    if (!ol_module_find(caller, &module))
        return;
    if (is_interpreter(&module)) {
        enum runner runner = find_runner(&frame);
        if (runner) {
            stand_on(anchor, &frame, 0);
            anchor->steps = runner != RUNS_WHOLE;
            anchor->loop = ol_pyframe_first_local(&frame);
        } else if (find_guests_turn(&tick)) {
            stand_on(anchor, &tick, 0);
            anchor->every_call = true;
        }
    } else if (!strstr(module.path,
                       "gevent")) { /* its loop and its callbacks run on stacks of their own */
        stand_on(anchor, &frame, frame.where);
    }
    anchor->root = root_of(frame);
}

bool ol_python_anchor(struct ol_anchor *anchor, const void *caller)
{
    struct ol_runtime_frame innermost;
    if (!ol_pyframe_innermost(&innermost))
        return false;
    if (innermost.frame == anchor->wait_frame && innermost.code == anchor->wait_code &&
        still_stands(anchor, innermost))
        return true;
    int saved = errno;
    *anchor = (struct ol_anchor){
        .runtime = anchor->runtime, .wait_frame = innermost.frame, .wait_code = innermost.code};
    find_anchor(anchor, &innermost, caller);
    errno = saved;
    return true;
}

uint64_t ol_python_place(struct ol_anchor *anchor)
{
    struct ol_runtime_frame frame;
    uint64_t mixed = ol_python_mix(OL_HASH_START, UINT_MAX);
    if (mixed == anchor->mixed)
        return anchor->place;
    uint64_t place = OL_HASH_START;
    bool any = ol_pyframe_innermost(&frame);
    for (; any; any = ol_pyframe_outwards(&frame))
        place = ol_hash_mix(place, (uintptr_t)frame.code + ol_pylines_frame(&frame));
    anchor->mixed = mixed;
    anchor->place = place;
    return place;
}

/* The program has greenlets. Once it has, it keeps them. */
static bool has_greenlets(void)
{
    static struct ol_module_seen greenlets = {.name = "_greenlet"};
    return ol_module_was_loaded(&greenlets);
}

/* The anchor is not among these frames. The loop has returned, unless they are not the whole chain,
 * or another chain than the loop's: a greenlet's begins with a function of its own, while what a
 * program runs after its loop begins where the loop's chain did, or with a module, or (atexit
 * handlers) with a function too, which only greenlets can make doubtful. */
bool ol_python_may_be_elsewhere(const struct ol_anchor *anchor,
                                const struct ol_runtime_frame *outermost)
{
    struct ol_runtime_frame last = *outermost;
    if (ol_pyframe_outwards(&last))
        return true;
    return last.frame != anchor->root && ol_pyframe_is_function(&last) && has_greenlets();
}
