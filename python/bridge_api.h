/* SPDX-License-Identifier: MIT */
/* CPython's C API, looked up at run time: the library is linked with no Python. For the bridge
 * only; all but those of thread states and evaluators need the GIL. */
#ifndef OFFLOOP_BRIDGE_API_H
#define OFFLOOP_BRIDGE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The head of every object, of a GIL build. */
struct ol_pyobject {
    intptr_t references;
    struct ol_pyobject *type;
};

/* PyMethodDef. */
struct ol_pymethod {
    const char *name;
    void *function;
    int flags;
    const char *doc;
};

enum {
    OL_PYMETHOD_varargs = 1,
    OL_PYMETHOD_keywords = 2,
    OL_PYMETHOD_noargs = 4,
    OL_PYMETHOD_o = 8,
    OL_PYMETHOD_fastcall = 0x80,
    OL_PYMETHOD_method = 0x200
};

struct ol_pyapi {
#define OL_PYAPI(result, name, parameters) result(*name) parameters;
#define OL_PYAPI_MAYBE(result, name, parameters) result(*name) parameters;
#define OL_PYDATA(name) void *name;
#include "bridge_api.def"
#undef OL_PYAPI
#undef OL_PYAPI_MAYBE
#undef OL_PYDATA
};

/* Filled by ol_pyapi_find. */
extern struct ol_pyapi ol_py;

/* Looks everything up. The name that is missing, or NULL. */
const char *ol_pyapi_find(void);

/* The interpreter is there and is not ending. Needs no GIL. */
bool ol_pyapi_is_alive(void);

static inline struct ol_pyobject *ol_py_none(void)
{
    return ol_py._Py_NoneStruct;
}

static inline struct ol_pyobject *ol_py_exception(void *of)
{
    return *(struct ol_pyobject **)of;
}

enum { OL_PYTYPE_VECTORCALL_OFFSET = 56 };

typedef struct ol_pyobject *ol_py_vectorcall(struct ol_pyobject *callable,
                                             struct ol_pyobject *const *values, size_t count,
                                             struct ol_pyobject *names);

/* The slot of a Python function that it is called by. */
static inline ol_py_vectorcall **ol_py_vectorcall_of(struct ol_pyobject *function)
{
    intptr_t offset = *(const intptr_t *)((const char *)function->type +
                                          OL_PYTYPE_VECTORCALL_OFFSET);
    return (ol_py_vectorcall **)(void *)((char *)function + offset);
}

/* A new reference to it. */
static inline struct ol_pyobject *ol_py_new(struct ol_pyobject *object)
{
    ol_py.Py_IncRef(object);
    return object;
}

#endif
