/* SPDX-License-Identifier: MIT */
/* Names of CPython's frames: function, file, module, line. Called on first hits, contracts in
 * runtime.h and inside.h. Before 3.11 a code object knows no qualified name: a generator
 * does; else the function that runs this code is looked for, in the class of the first argument and
 * on the caller's value stack. */
#include <string.h>

#include "../detector/rawio.h"
#include "inside.h"

enum { CO_GENERATORS = 0x20 | 0x80 | 0x200 };

const void *ol_pyframe_first_local(const struct ol_runtime_frame *frame)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (!ol_pyread_word(frame->code, layout->code_argcount))
        return NULL;
    return ol_pyread_untag(ol_pyread_pointer(frame->frame, layout->frame_locals));
}

static uint32_t tuple_size(const void *tuple)
{
    return ol_pyread_is(tuple, ol_pyruntime.tuple) ? ol_pyread_word(tuple, OL_PYOBJECT_SIZE) : 0;
}

/* Locals, cells and free variables stand before the value stack. */
static uint32_t locals_of(const void *code)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (layout->code_nlocalsplus)
        return ol_pyread_word(code, layout->code_nlocalsplus);
    return ol_pyread_word(code, layout->code_nlocals) +
           tuple_size(ol_pyread_pointer(code, layout->code_cellvars)) +
           tuple_size(ol_pyread_pointer(code, layout->code_freevars));
}

/* `max` slots of a frame, from the one of that number on. */
static unsigned read_slots(const struct ol_runtime_frame *frame, uint32_t first, const void **slots,
                           unsigned max)
{
    const char *start = (const char *)frame->frame + ol_pyruntime.layout.frame_locals +
                        first * sizeof *slots;
    if (!ol_raw_peek(start, slots, max * sizeof *slots))
        return 0;
    for (unsigned i = 0; i < max; i++)
        slots[i] = ol_pyread_untag(slots[i]);
    return max;
}

unsigned ol_pyframe_stack(const struct ol_runtime_frame *frame, const void **slots, unsigned max)
{
    uint32_t size = ol_pyread_word(frame->code, ol_pyruntime.layout.code_stacksize);
    return read_slots(frame, locals_of(frame->code), slots, size < max ? size : max);
}

unsigned ol_pyframe_locals(const struct ol_runtime_frame *frame, const void **slots, unsigned max)
{
    uint32_t size = locals_of(frame->code);
    return read_slots(frame, 0, slots, size < max ? size : max);
}

/* --- before 3.11 --- */

/* The function behind a class attribute: itself, or in a staticmethod, classmethod or property
 * (their first field). */
static const void *function_behind(const void *value)
{
    if (ol_pyread_is(value, ol_pyruntime.function))
        return value;
    const void *inner = ol_pyread_pointer(value, 16);
    return ol_pyread_is(inner, ol_pyruntime.function) ? inner : NULL;
}

enum { MAX_CLASSES = 32 };

/* Looks through a class and its bases for the function that runs `code`; its qualified name, a str,
 * or NULL. */
static const void *name_in_classes(const void *class, const void *code, const void *name)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *order = ol_pyread_pointer(class, OL_PYTYPE_MRO);
    uint32_t count = tuple_size(order);
    for (uint32_t i = 0; i < count && i < MAX_CLASSES; i++) {
        const void *base = ol_pyread_pointer(order, OL_PYTUPLE_ITEMS + i * sizeof base);
        const void *function = function_behind(
            ol_pydict_attribute(ol_pyread_pointer(base, OL_PYTYPE_DICT), name));
        if (function && ol_pyread_pointer(function, layout->function_code) == code)
            return ol_pyread_pointer(function, layout->function_qualname);
    }
    return NULL;
}

static const void *name_by_class(const struct ol_runtime_frame *frame, const void *name)
{
    const void *self = ol_pyframe_first_local(frame);
    const void *class = ol_pyread_pointer(self, OL_PYOBJECT_TYPE);
    if (!class)
        return NULL;
    if (ol_pyread_word(class, OL_PYTYPE_FLAGS) &
        OL_PYTYPE_IS_TYPE) { /* a classmethod: its class comes first */
        const void *found = name_in_classes(self, frame->code, name);
        if (found)
            return found;
    }
    return name_in_classes(class, frame->code, name);
}

/* The qualified name of a function that runs `code`: `value` itself, or what is bound in it. */
static const void *name_if_it_runs(const void *value, const void *code)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *function = function_behind(value);
    return function && ol_pyread_pointer(function, layout->function_code) == code
               ? ol_pyread_pointer(function, layout->function_qualname)
               : NULL;
}

enum { MAX_SLOTS = 32, MAX_ARGUMENTS = 4 };

/* What is called stands on its caller's value stack until it returns; what is called through C
 * (context.run(callback, …)) stands there as an argument, or in the tuple of them. */
static const void *name_on_stack(const struct ol_runtime_frame *frame)
{
    const void *slots[MAX_SLOTS];
    struct ol_runtime_frame caller = *frame;
    const void *name = NULL;
    unsigned count = ol_pyframe_outwards(&caller) ? ol_pyframe_stack(&caller, slots, MAX_SLOTS) : 0;
    for (unsigned i = 0; i < count && !name; i++) {
        uint32_t items = tuple_size(slots[i]);
        name = name_if_it_runs(slots[i], frame->code);
        for (uint32_t j = 0; j < items && j < MAX_ARGUMENTS && !name; j++)
            name = name_if_it_runs(
                ol_pyread_pointer(slots[i], OL_PYTUPLE_ITEMS + j * sizeof *slots), frame->code);
    }
    return name;
}

static const void *qualname_by_objects(const struct ol_runtime_frame *frame, const void *name)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (ol_pyread_word(frame->code, layout->code_flags) & CO_GENERATORS)
        return ol_pyread_pointer(ol_pyread_pointer(frame->frame, layout->frame_generator),
                                 layout->generator_qualname);
    const void *found = name_by_class(frame, name);
    return found ? found : name_on_stack(frame);
}

/* --- every version --- */

/* functools.wraps() gives a function the name of another; its code keeps its own. */
static bool ends_in(const char *qualified, const char *plain)
{
    const char *dot = strrchr(qualified, '.');
    return strcmp(dot ? dot + 1 : qualified, plain) == 0;
}

bool ol_pyname_function(const struct ol_runtime_frame *frame, char *name, size_t size)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const void *plain = ol_pyread_pointer(frame->code, layout->code_name);
    if (layout->code_qualname &&
        ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_qualname), name, size))
        return true;
    char own[128];
    return (!layout->code_qualname && ol_pyread_str(plain, own, sizeof own) &&
            ol_pyread_str(qualname_by_objects(frame, plain), name, size) && ends_in(name, own)) ||
           ol_pyread_str(plain, name, size);
}

bool ol_python_describe(const struct ol_runtime_frame *frame, struct ol_frame_words *words)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    if (!ol_pyread_is(frame->code, ol_pyruntime.code) ||
        !ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_filename), words->file,
                       sizeof words->file) ||
        !ol_pyname_function(frame, words->function, sizeof words->function))
        return false;
    words->owner_class = ol_pypath_classify(words->file, words->module, sizeof words->module);
    words->line = ol_pylines_frame(frame);
    return true;
}

bool ol_python_module_name(const struct ol_runtime_frame *frame, char *name, size_t size)
{
    const void *globals = ol_pyread_pointer(frame->frame, ol_pyruntime.layout.frame_globals);
    return globals && ol_pydict_module_name(globals, name, size);
}
