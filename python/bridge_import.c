/* SPDX-License-Identifier: MIT */
/* The door of CPython's import machinery. Every import of a module that is not there yet, by a
 * statement, __import__() or import_module(), goes through `_find_and_load` of
 * importlib._bootstrap; a function of ours stands in its place there, and calls it. Its own frame
 * stays on the stack. The contract is in bridge_import.h. */
#include "bridge_import.h"

#include <stdatomic.h>

#include "../detector/import.h"
#include "bridge_api.h"
#include "inside.h"

static _Atomic bool tried;

/* What stands at each door, and what it leads to. reload() executes a module by `_exec`. */
static struct ol_pyobject *find_and_load, *exec;

static struct ol_pyobject *pass(struct ol_pyobject *original, struct ol_pyobject *const *values,
                                intptr_t count, struct ol_pyobject *names)
{
    bool enters = ol_import_enter();
    struct ol_pyobject *result = (*ol_py_vectorcall_of(original))(original, values, (size_t)count,
                                                                  names);
    if (enters)
        ol_import_leave();
    return result;
}

#define DOOR(original)                                                                             \
    static struct ol_pyobject *door_of_##original(struct ol_pyobject *self,                        \
                                                  struct ol_pyobject *const *values,               \
                                                  intptr_t count, struct ol_pyobject *names)       \
    {                                                                                              \
        (void)self;                                                                                \
        return pass(original, values, count, names);                                               \
    }

DOOR(find_and_load)
DOOR(exec)

bool ol_bridge_import_is_missing(void)
{
    return !tried;
}

/* A function of Python, as it came with the interpreter, by a C function. */
static void replace(struct ol_pyobject *module, struct ol_pymethod *method,
                    struct ol_pyobject **original)
{
    *original = ol_py.PyObject_GetAttrString(module, method->name);
    if (!*original || (*original)->type != (const void *)ol_pyruntime.function)
        return;
    struct ol_pyobject *made = ol_py.PyCFunction_NewEx(method, NULL, NULL);
    if (!made)
        return;
    ol_py.PyObject_SetAttrString(module, method->name, made);
    ol_py.Py_DecRef(made);
}

void ol_bridge_import_begin(void)
{
    enum { FLAGS = OL_PYMETHOD_fastcall | OL_PYMETHOD_keywords };
    static struct ol_pymethod methods[] = {
        {"_find_and_load", (void *)door_of_find_and_load, FLAGS, NULL},
        {"_exec", (void *)door_of_exec, FLAGS, NULL},
    };
    if (atomic_exchange(&tried, true))
        return;
    struct ol_pyobject *module = ol_py.PyDict_GetItemString(ol_py.PyImport_GetModuleDict(),
                                                            "_frozen_importlib");
    if (module) {
        replace(module, &methods[0], &find_and_load);
        replace(module, &methods[1], &exec);
    }
    ol_py.PyErr_Clear();
}
