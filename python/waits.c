/* SPDX-License-Identifier: MIT */
/* What Python code waits for, when the C library is asked for a lock, a poll or a sleep. Asked once
 * for each stack, by wait.c; contract in runtime.h. */
#include <string.h>

#include "../detector/glob.h"
#include "../detector/tables.h"
#include "inside.h"

enum { OL_RULE_none = OL_RUNTIME_NO_WAIT };

static const struct python_row {
    const char *module, *function;
    unsigned rule;
} rows[] = {
#define OL_PY_WAIT(module, function, rule) {module, function, OL_RULE_##rule},
#define OL_PY_WAIT_IN_C(name, rule)
#include "waits.def"
#undef OL_PY_WAIT
#undef OL_PY_WAIT_IN_C
};

static const struct native_row {
    const char *name;
    unsigned rule;
} native_rows[] = {
#define OL_PY_WAIT(module, function, rule)
#define OL_PY_WAIT_IN_C(name, rule) {name, OL_RULE_##rule},
#include "waits.def"
#undef OL_PY_WAIT
#undef OL_PY_WAIT_IN_C
};

/* The row of the function that runs in that frame. `*goes_on`: a caller of it may have one. */
static const struct python_row *row_of(const struct ol_runtime_frame *frame, bool *goes_on)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    char file[1024], module[128], function[128];
    *goes_on = false;
    if (!ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_filename), file, sizeof file) ||
        !ol_pyread_str(ol_pyread_pointer(frame->code, layout->code_name), function,
                       sizeof function))
        return NULL;
    enum ol_owner_class owner = ol_pypath_classify(file, module, sizeof module);
    *goes_on = owner == OL_CODE_stdlib || strcmp(module, "selectors") == 0;
    if (owner != OL_CODE_stdlib)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(function, rows[i].function) == 0 && strcmp(module, rows[i].module) == 0)
            return &rows[i];
    return NULL;
}

static const struct native_row *row_of_callee(const struct ol_runtime_frame *frame,
                                              void *const *native, unsigned count)
{
    char name[256];
    struct ol_text text = OL_TEXT(name);
    ol_pynative_callee(&text, frame, native, count, true);
    for (size_t i = 0; i < sizeof native_rows / sizeof *native_rows; i++)
        if (ol_glob_match(native_rows[i].name, strlen(native_rows[i].name), name))
            return &native_rows[i];
    return NULL;
}

unsigned ol_python_wait(const struct ol_runtime_stack *stack, bool further, bool *in_frames)
{
    *in_frames = false;
    const struct native_row *in_c = row_of_callee(&stack->frames[0], stack->native,
                                                  stack->native_count);
    if (in_c)
        return in_c->rule;
    const struct python_row *row = NULL;
    bool goes_on = true;
    for (unsigned i = 0; i < stack->count && goes_on && !row; i++) {
        row = row_of(&stack->frames[i], &goes_on);
        goes_on &= further;
    }
    *in_frames = row != NULL;
    return row ? row->rule : OL_RUNTIME_NO_WAIT;
}

/* Thread.run() deletes the target that it has called. What is left of such a thread is its end. */
bool ol_python_has_run(const struct ol_runtime_frame *frame)
{
    return ol_pydict_lacks(ol_pyframe_first_local(frame), "_started", "_target");
}
