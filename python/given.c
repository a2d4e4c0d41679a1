/* SPDX-License-Identifier: MIT */
/* Whether a frame calls what was given to it: as its first arguments (wrapt's and its kind's
 * `wrapper(wrapped, instance, …)`, `retry(function)`), or by the closure that a decorator makes
 * (blockbuster, sentry). Its caller knows that by its own name. The contract is in inside.h. */
#include <string.h>

#include "inside.h"

enum {
    MAX_LOCALS = 48,
    FIRST_ARGUMENTS = 2, /* later ones are rather options: shutil.copytree's copy_function */
    CELL_CONTENT = 16,
    METHOD_FUNCTION = 16
};

static bool is_cell(const void *object)
{
    char name[8];
    const void *type = ol_pyread_pointer(object, OL_PYOBJECT_TYPE);
    return ol_pyread_chars(ol_pyread_pointer(type, OL_PYTYPE_NAME), name, sizeof name) &&
           strcmp(name, "cell") == 0;
}

/* The given objects among the locals, put in front; their number. */
static unsigned keep_given(const struct ol_runtime_frame *frame, const void **locals,
                           unsigned count)
{
    uint32_t arguments = ol_pyread_word(frame->code, ol_pyruntime.layout.code_argcount);
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++) {
        const void *object = locals[i];
        if (!object)
            continue;
        if (is_cell(object))
            locals[kept++] = ol_pyread_pointer(object, CELL_CONTENT);
        else if (i < arguments && i < FIRST_ARGUMENTS)
            locals[kept++] = object;
    }
    return kept;
}

/* A function, or a method by it. */
static bool runs(const void *object, const void *code)
{
    const void *function = ol_pyread_is(object, ol_pyruntime.function)
                               ? object
                               : ol_pyread_pointer(object, METHOD_FUNCTION);
    return ol_pyread_is(function, ol_pyruntime.function) &&
           ol_pyread_pointer(function, ol_pyruntime.layout.function_code) == code;
}

bool ol_pygiven_calls(const struct ol_runtime_frame *frame, const struct ol_runtime_frame *inside,
                      void *const *native, unsigned native_count)
{
    const void *given[MAX_LOCALS];
    unsigned count = keep_given(frame, given, ol_pyframe_locals(frame, given, MAX_LOCALS));
    if (!inside)
        return ol_pynative_runs(given, count, native, native_count);
    for (unsigned i = 0; i < count; i++)
        if (runs(given[i], inside->code))
            return true;
    return false;
}
