/* SPDX-License-Identifier: MIT */
/* CPython's frames: finding the interpreter, proving that its memory looks as the table says, and
 * the hot walk.
 *
 * One thread looks at a time, and nothing that it writes is read by others before it has stored
 * `state`: what it decides is decided for the whole process. A thread without Python frames can
 * prove nothing: the question then stays open for the next one.
 */
#include "inside.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "../detector/hash.h"
#include "../detector/rawio.h"
#include "../detector/symbol.h"
#include "../detector/work.h"
#include "code.h"

enum state { OPEN, LOOKING, READY, TROUBLE };

struct ol_pyruntime ol_pyruntime;
static struct ol_work looking; /* its state is an enum state */
static char version[16];
static char trouble[160];

static const struct ol_pylayout layouts[] = {
#define OL_PYTHON(minor, ...) [minor] = {__VA_ARGS__},
#define OL_PYTHON_PUBLISHED(minor, field, word)
#include "offsets.def"
#undef OL_PYTHON
#undef OL_PYTHON_PUBLISHED
};

struct published {
    uint8_t minor;
    uint8_t word;
    uint16_t offset; /* of the field in struct ol_pylayout */
};

static const struct published published[] = {
#define OL_PYTHON(minor, ...)
#define OL_PYTHON_PUBLISHED(minor, field, word) {minor, word, offsetof(struct ol_pylayout, field)},
#include "offsets.def"
#undef OL_PYTHON
#undef OL_PYTHON_PUBLISHED
};

enum { MINOR_FIRST = 9, MINOR_PUBLISHED = 13, MINOR_LAST = 15, PUBLISHED_WORDS = 93 };

static inline const void *pointer_at(const void *base, size_t offset)
{
    const void *pointer;
    memcpy(&pointer, (const char *)base + offset, sizeof pointer);
    return pointer;
}

/* --- the hot path --- */

/* The calling thread's innermost frame, complete or not. When the interpreter ends, thread states
 * of other threads are freed under them: then only the thread that ends it may still look. */
static const void *innermost(void)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *thread = ol_pyruntime.thread_state();
    if (!thread)
        return NULL;
    const void *ending = pointer_at(ol_pyruntime.runtime, layout->runtime_finalizing);
    if (ending && ending != thread)
        return NULL;
    if (!layout->tstate_cframe)
        return pointer_at(thread, layout->tstate_frame);
    const void *cframe = pointer_at(thread, layout->tstate_cframe);
    return cframe ? pointer_at(cframe, layout->cframe_frame) : NULL;
}

enum { OWNED_BY_GENERATOR = 1, OWNED_BY_FRAME_OBJECT = 2 };

/* False for what is no Python function: entries from C, and frames that have not begun (3.12 on:
 * also the trampoline of a specialised __init__). */
static inline bool load_frame(const struct ol_pylayout *layout, const void *frame,
                              struct ol_runtime_frame *out)
{
    const void *code = ol_pyread_untag(pointer_at(frame, layout->frame_code));
    int32_t last; /* f_lasti, or co_firsttraceable */
    out->frame = frame;
    out->code = code;
    if (!layout->code_instructions) {
        memcpy(&last, (const char *)frame + layout->frame_where, sizeof last);
        out->where = (uintptr_t)(intptr_t)last;
        return true;
    }
    out->where = (uintptr_t)pointer_at(frame, layout->frame_where);
    unsigned char owner = ((const unsigned char *)frame)[layout->frame_owner];
    if (owner == OWNED_BY_GENERATOR)
        return true;
    if (owner > OWNED_BY_FRAME_OBJECT)
        return false;
    memcpy(&last, (const char *)code + layout->code_firsttraceable, sizeof last);
    return out->where >=
           (uintptr_t)code + layout->code_instructions + 2 * (uintptr_t)(uint32_t)last;
}

/* The next complete frame from `frame` on, outwards; NULL when there is none (then `out` is
 * anything). */
static inline const void *complete_from(const void *frame, struct ol_runtime_frame *out)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    while (frame && !load_frame(layout, frame, out))
        frame = pointer_at(frame, layout->frame_previous);
    return frame;
}

unsigned ol_python_walk(struct ol_runtime_frame *frames, unsigned max)
{
    unsigned count = 0;
    const void *frame = innermost();
    while (count < max && (frame = complete_from(frame, &frames[count])) != NULL) {
        count++;
        frame = pointer_at(frame, ol_pyruntime.layout.frame_previous);
    }
    return count;
}

bool ol_pyframe_innermost(struct ol_runtime_frame *frame)
{
    return complete_from(innermost(), frame) != NULL;
}

static inline uint64_t mix(uint64_t hash, const struct ol_runtime_frame *frame,
                           struct ol_pycode_file *file)
{
    uint64_t stamp = ol_pycode_stamp(&ol_pyruntime.layout, frame->code, file);
    return ol_hash_mix(hash, (uintptr_t)frame->code + frame->where + stamp * OL_HASH_START);
}

uint64_t ol_python_mix_frames(uint64_t hash, const struct ol_runtime_frame *frames, unsigned count)
{
    struct ol_pycode_file file = {.name = NULL};
    for (unsigned i = 0; i < count; i++)
        hash = mix(hash, &frames[i], &file);
    return hash;
}

uint64_t ol_python_mix(uint64_t hash, unsigned max)
{
    struct ol_runtime_frame found;
    struct ol_pycode_file file = {.name = NULL};
    const void *frame = innermost();
    for (; max && (frame = complete_from(frame, &found)) != NULL; max--) {
        hash = mix(hash, &found, &file);
        frame = pointer_at(frame, ol_pyruntime.layout.frame_previous);
    }
    return hash;
}

bool ol_pyframe_outwards(struct ol_runtime_frame *frame)
{
    struct ol_runtime_frame next;
    if (!complete_from(pointer_at(frame->frame, ol_pyruntime.layout.frame_previous), &next))
        return false;
    *frame = next;
    return true;
}

const void *ol_python_given(const struct ol_runtime_frame *frame)
{
    return pointer_at(frame->frame, ol_pyruntime.layout.frame_locals);
}

enum { CO_OPTIMIZED = 1 };

bool ol_pyframe_is_function(const struct ol_runtime_frame *frame)
{
    uint32_t flags;
    memcpy(&flags, (const char *)frame->code + ol_pyruntime.layout.code_flags, sizeof flags);
    return flags & CO_OPTIMIZED;
}

/* --- finding it --- */

static void *symbol(const char *name)
{
    return ol_symbol_address(name);
}

static bool trouble_is(const char *why, const char *what)
{
    struct ol_text text = OL_TEXT(trouble);
    ol_text_add(&text, why);
    ol_text_add(&text, what);
    return false;
}

/* Overlays what the interpreter itself publishes. False: it is free-threaded, or publishes
 * something else. */
static bool add_published(struct ol_pylayout *layout, unsigned minor)
{
    uint64_t words[PUBLISHED_WORDS];
    if (!ol_raw_peek(ol_pyruntime.runtime, words, sizeof words) ||
        memcmp(words, "xdebugpy", 8) != 0)
        return trouble_is("CPython without its table of offsets (xdebugpy): ", version);
    if (words[2])
        return trouble_is(
            "free-threaded CPython: other threads change frames while they are read: ", version);
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const struct published *entry = &published[i];
        if (entry->minor != minor)
            continue;
        if (words[entry->word] > 4096)
            return trouble_is("CPython publishes offsets that make no sense: ", version);
        uint16_t value = (uint16_t)words[entry->word];
        memcpy((char *)layout + entry->offset, &value, sizeof value);
    }
    /* In every version co_extra and this stand just before the instructions, and the two before
     * co_stacksize's pair. */
    layout->code_firsttraceable = (uint16_t)(layout->code_instructions - 16);
    return (layout->code_firstline == layout->code_stacksize + 4 && layout->frame_locals <= 512) ||
           trouble_is("CPython with an unknown layout of code objects: ", version);
}

static bool find_symbols(struct ol_pyruntime *found)
{
    const struct {
        const void **at;
        const char *name;
    } needed[] = {
        {&found->code, "PyCode_Type"},
        {&found->str, "PyUnicode_Type"},
        {&found->bytes, "PyBytes_Type"},
        {&found->tuple, "PyTuple_Type"},
        {&found->function, "PyFunction_Type"},
        {&found->c_function, "PyCFunction_Type"},
        {&found->c_method, "PyCMethod_Type"},
        {&found->method_descriptor, "PyMethodDescr_Type"},
        {&found->class_method_descriptor, "PyClassMethodDescr_Type"},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!(*needed[i].at = symbol(needed[i].name)))
            return trouble_is("an interpreter that hides its symbols: no ", needed[i].name);
    found->evaluator = symbol("_PyEval_EvalFrameDefault");
    found->runtime = symbol("_PyRuntime");
    return found->runtime || trouble_is("an interpreter that hides its symbols: no ", "_PyRuntime");
}

/* A frame that could be one: its code object, file name, function name and line table are what they
 * should be. */
static bool frame_makes_sense(const struct ol_runtime_frame *frame)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    struct ol_frame_words words;
    return ol_pyread_is(frame->code, ol_pyruntime.code) &&
           ol_pyread_is(ol_pyread_pointer(frame->code, layout->code_linetable),
                        ol_pyruntime.bytes) &&
           ol_pyread_word(frame->code, layout->code_stacksize) < 1u << 20 &&
           ol_python_describe(frame, &words) && words.file[0] && words.function[0];
}

/* The same steps as the hot walk, but of memory that may not be there. 1: all is well, 0: no frames
 * to judge by. */
static int check_chain(const void *thread)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *frame = layout->tstate_cframe
                            ? ol_pyread_pointer(ol_pyread_pointer(thread, layout->tstate_cframe),
                                                layout->cframe_frame)
                            : ol_pyread_pointer(thread, layout->tstate_frame);
    int checked = 0;
    for (unsigned steps = 0; frame && steps < 64; steps++) {
        char memory[512];
        struct ol_runtime_frame loaded;
        const void *code = ol_pyread_untag(ol_pyread_pointer(frame, layout->frame_code));
        if (!ol_raw_peek(frame, memory, layout->frame_locals))
            return -1;
        bool entry = layout->frame_owner &&
                     (unsigned char)memory[layout->frame_owner] > OWNED_BY_FRAME_OBJECT;
        if (!entry && !ol_pyread_is(code, ol_pyruntime.code))
            return -1;
        if (load_frame(layout, frame, &loaded) && !frame_makes_sense(&loaded))
            return -1;
        checked |= !entry;
        frame = ol_pyread_pointer(frame, layout->frame_previous);
    }
    return checked;
}

/* Fills ol_pyruntime. The state it leads to. */
static enum state look(void)
{
    union {
        void *object;
        void *(*function)(void);
    } get = {.object = symbol("PyGILState_GetThisThreadState")};
    if (!get.object)
        return OPEN;
    struct ol_text words = OL_TEXT(version);
    unsigned minor = ol_pyversion_find(&words);
    struct ol_pyruntime found = {.thread_state = get.function};
    if (minor < MINOR_FIRST || minor > MINOR_LAST) {
        trouble_is("frames can be read of CPython 3.9 to 3.15, this is ", version);
        return TROUBLE;
    }
    if (!find_symbols(&found))
        return TROUBLE;
    found.layout = layouts[minor];
    ol_pyruntime.runtime = found.runtime;
    if (minor >= MINOR_PUBLISHED && !add_published(&found.layout, minor))
        return TROUBLE;
    ol_pyruntime = found;
    const void *thread = found.thread_state();
    int checked = thread ? check_chain(thread) : 0;
    if (checked < 0)
        trouble_is("frames do not look as they should in CPython ", version);
    return checked > 0 ? READY : checked < 0 ? TROUBLE : OPEN;
}

/* The GIL's condition variables and mutex lie inside the `_PyRuntime` object (3.9 to 3.15). */
static void find_gil(void)
{
    struct ol_symbol runtime;
    if (ol_runtime_locks.size || !ol_symbol_find("_PyRuntime", &runtime))
        return;
    ol_runtime_locks.start = (uintptr_t)runtime.address;
    atomic_store_explicit(&ol_runtime_locks.size, runtime.size, memory_order_release);
}

bool ol_python_find(void)
{
    int saved = errno;
    int known = ol_work_await(&looking, LOOKING);
    if (known == OPEN && ol_work_take(&looking, OPEN, LOOKING)) {
        known = (int)look();
        find_gil();
        atomic_store_explicit(&looking.state, known, memory_order_release);
    }
    errno = saved;
    return known == READY;
}

void ol_python_forked(void)
{
    int by_one_not_here = LOOKING;
    atomic_compare_exchange_strong(&looking.state, &by_one_not_here, OPEN);
}

const char *ol_python_version(void)
{
    return atomic_load_explicit(&looking.state, memory_order_acquire) >= READY ? version : NULL;
}

const char *ol_python_trouble(void)
{
    return atomic_load_explicit(&looking.state, memory_order_acquire) == TROUBLE ? trouble : NULL;
}

const void *ol_python_address(void)
{
    union {
        void *(*function)(void);
        const void *object;
    } address = {.function = ol_pyruntime.thread_state};
    return address.object;
}
