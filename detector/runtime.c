/* SPDX-License-Identifier: MIT */
/* The runtimes of languages: the list of those that were found, and what is asked of whichever has
 * the thread's frames. The contract is in runtime.h. */
#include "runtime.h"

#include "recorder.h"
#include "text.h"

#define OL_RUNTIME(name) extern const struct ol_runtime ol_##name##_runtime;
#include "runtimes.def"
#undef OL_RUNTIME

static const struct ol_runtime *const rows[] = {
#define OL_RUNTIME(name) &ol_##name##_runtime,
#include "runtimes.def"
#undef OL_RUNTIME
};

enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert(ROWS <= OL_RUNTIMES, "each has its place among those that were found");

const struct ol_runtime *_Atomic ol_runtime_list[OL_RUNTIMES + 1];
struct ol_runtime_locks ol_runtime_locks;

/* Threads may find two at once, and in either order. */
static void add(const struct ol_runtime *runtime)
{
    for (unsigned i = 0; i < ROWS; i++) {
        const struct ol_runtime *there = NULL;
        if (atomic_compare_exchange_strong(&ol_runtime_list[i], &there, runtime) ||
            there == runtime)
            return;
    }
}

void ol_runtime_find(void)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i]->find())
            add(rows[i]);
}

static void note(const struct ol_runtime *runtime)
{
    char words[64];
    struct ol_text text = OL_TEXT(words);
    ol_text_add(&text, runtime->name);
    ol_text_add_char(&text, ' ');
    ol_text_add(&text, runtime->version());
    ol_recorder->language = ol_recorder_string(words);
    const char *trouble = runtime->trouble ? runtime->trouble() : NULL;
    if (trouble)
        ol_recorder_blind_spot(words, trouble);
}

bool ol_runtime_waits_for_lock(const void *mutex, const void *caller)
{
    const struct ol_runtime *runtime;
    for (unsigned i = 0; (runtime = ol_runtime_found(i)); i++)
        if (runtime->waits_for_lock && runtime->waits_for_lock(mutex, caller))
            return true;
    return false;
}

void ol_runtime_note(void)
{
    for (unsigned i = 0; i < ROWS && !ol_recorder->language; i++)
        if (rows[i]->version())
            note(rows[i]);
}

void ol_runtime_forked(void)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i]->forked)
            rows[i]->forked();
}

/* --- the hot path --- */

unsigned ol_runtime_walk_others(struct ol_runtime_frame *frames, unsigned max,
                                const struct ol_runtime **runtime)
{
    const struct ol_runtime *found;
    for (unsigned i = 1; (found = ol_runtime_found(i)) != NULL; i++) {
        unsigned count = found->walk(frames, max);
        if (count) {
            *runtime = found;
            return count;
        }
    }
    *runtime = NULL;
    return 0;
}

uint64_t ol_runtime_mix(uint64_t hash, unsigned max)
{
    const struct ol_runtime *found;
    uint64_t mixed = hash;
    for (unsigned i = 0; mixed == hash && (found = ol_runtime_found(i)) != NULL; i++)
        mixed = found->mix ? found->mix(hash, max) : hash;
    return mixed;
}

void ol_runtime_anchor_anew(struct ol_anchor *anchor, const void *caller)
{
    const struct ol_runtime *found;
    for (unsigned i = 0; (found = ol_runtime_found(i)) != NULL; i++)
        if (found->anchor && found->anchor(anchor, caller)) {
            anchor->runtime = found;
            return;
        }
    *anchor = (struct ol_anchor){.runtime = NULL};
}

uint64_t ol_runtime_place(struct ol_anchor *anchor)
{
    return anchor->runtime && anchor->runtime->place ? anchor->runtime->place(anchor) : 0;
}

/* What the calling thread runs now are frames of another runtime, or none: the anchor is not among
 * them. */
bool ol_runtime_in_turn(const struct ol_anchor *anchor, const struct ol_runtime *runtime,
                        const struct ol_runtime_frame *frames, unsigned count)
{
    if (!anchor->frame)
        return true;
    if (runtime != anchor->runtime)
        return false;
    for (unsigned i = count; i; i--) {
        const struct ol_runtime_frame *frame = &frames[i - 1];
        if ((frame->frame == anchor->frame || anchor->every_call) && frame->code == anchor->code)
            return !anchor->where || frame->where == anchor->where;
    }
    return count && runtime->may_be_elsewhere &&
           runtime->may_be_elsewhere(anchor, &frames[count - 1]);
}

/* --- seldom --- */

bool ol_runtime_runs_loop(const void *caller)
{
    struct ol_anchor anchor = {.runtime = NULL};
    ol_runtime_anchor(&anchor, caller);
    return anchor.frame && !anchor.every_call;
}

bool ol_runtime_is_loop(const struct ol_anchor *anchor, const struct ol_runtime *runtime,
                        const struct ol_runtime_frame *frames, unsigned count)
{
    if (!ol_runtime_in_turn(anchor, runtime, frames, count))
        return false;
    for (unsigned i = count; i && anchor->loop; i--)
        if (frames[i - 1].frame == anchor->frame)
            return runtime->loop_of(&frames[i - 1]) == anchor->loop;
    return true;
}

bool ol_runtime_has_imports(void)
{
    const struct ol_runtime *found;
    for (unsigned i = 0; (found = ol_runtime_found(i)) != NULL; i++)
        if (found->imports)
            return true;
    return false;
}
