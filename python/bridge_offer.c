/* SPDX-License-Identifier: MIT */
/* What bridge.py may ask of the library. Each function is a PyCFunction that takes a tuple;
 * bridge.py is their only caller, so what it passes is trusted. */
#include "bridge_offer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../detector/callable.h"
#include "../detector/debug.h"
#include "../detector/gate.h"
#include "../detector/recorder.h"
#include "../detector/thread.h"
#include "bridge_follow.h"
#include "bridge_guard.h"
#include "inside.h"

static struct ol_pyobject *none(void)
{
    return ol_py_new(ol_py_none());
}

/* rules() -> [(module, qualname, kind, api, loop, when), …] in the order of ol_callable_at */
static struct ol_pyobject *rules(struct ol_pyobject *self, struct ol_pyobject *args)
{
    (void)self;
    (void)args;
    unsigned count = ol_callable_count();
    struct ol_pyobject *all = ol_py.PyTuple_New(count);
    for (unsigned i = 0; all && i < count; i++) {
        const struct ol_callable *rule = ol_callable_at(i);
        ol_py.PyTuple_SetItem(all, i,
                              ol_py.Py_BuildValue("sssszz", rule->module, rule->qualname,
                                                  ol_kind_names[rule->kind], rule->api, rule->loop,
                                                  rule->when));
    }
    return all;
}

/* blind(what, why) */
static struct ol_pyobject *blind(struct ol_pyobject *self, struct ol_pyobject *args)
{
    const char *what;
    const char *why;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "ss", &what, &why))
        return NULL;
    ol_recorder_blind_spot(what, why);
    return none();
}

/* learn(asyncio._get_running_loop) */
static struct ol_pyobject *learn(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *function;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "O", &function))
        return NULL;
    ol_guard_learn_running_loop(function);
    return none();
}

static struct ol_pyobject *interned(struct ol_pyobject *word)
{
    return ol_py.PyUnicode_InternFromString(ol_py.PyUnicode_AsUTF8(word));
}

/* A guard as bridge.py wants it: (path, test, place, parameter or None, position); NULL: no room.
 */
static struct ol_guard *guard_of(struct ol_pyobject *wanted)
{
    struct ol_pyobject *path, *parameter;
    int test, place, position;
    if (!ol_py.PyArg_ParseTuple(wanted, "OiiOi", &path, &test, &place, &parameter, &position))
        return NULL;
    struct ol_guard *guard = ol_guard_new();
    intptr_t length = ol_py.PyTuple_Size(path);
    if (!guard)
        return NULL;
    guard->test = (enum ol_guard_test)test;
    guard->place = place;
    for (intptr_t i = 0; i < length && i < OL_GUARD_PATH; i++)
        guard->path[guard->path_length++] = interned(ol_py.PyTuple_GetItem(path, i));
    guard->parameter = parameter == ol_py_none() ? NULL : interned(parameter);
    guard->position = position;
    return guard;
}

enum { DESCRIPTOR_METHOD = 40, BUILTIN_METHOD = 16 };

/* The method table's entry of a C function, a method of a C type, or a function made by Cython,
 * which begins as the first does. */
static struct ol_pymethod *method_of(struct ol_pyobject *target)
{
    const void *type = target->type;
    size_t offset = type == ol_pyruntime.method_descriptor ||
                            type == ol_pyruntime.class_method_descriptor
                        ? DESCRIPTOR_METHOD
                        : BUILTIN_METHOD;
    return *(struct ol_pymethod **)((char *)target + offset);
}

/* Method tables are plain data in nearly every module; one that was made read-only after its
 * relocation is made writable again. The kernel is asked by writing what is there anyway. */
static bool is_writable(struct ol_pymethod *method)
{
    struct iovec same = {&method->function, sizeof method->function};
    if (process_vm_writev(getpid(), &same, 1, &same, 1, 0) >= 0 || errno != EFAULT)
        return true;
    uintptr_t page = (uintptr_t)&method->function & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);
    size_t size = (uintptr_t)(&method->function + 1) - page;
    return mprotect((void *)page, size, PROT_READ | PROT_WRITE) == 0;
}

static struct ol_pyobject *no_room(void)
{
    return ol_py.Py_BuildValue("s", "too many guarded callables: 256 are kept");
}

/* guard_method(target, has_self, wanted) -> index, or why not */
static struct ol_pyobject *guard_method(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *target, *wanted;
    int has_self;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "OiO", &target, &has_self, &wanted))
        return NULL;
    struct ol_pymethod *method = method_of(target);
    if (!is_writable(method))
        return ol_py.Py_BuildValue("s", "its method table can not be changed");
    struct ol_guard *guard = guard_of(wanted);
    if (!guard)
        return no_room();
    ol_py_new(target);
    guard->has_self = has_self;
    guard->flags = method->flags;
    guard->original = method->function;
    method->function = ol_guard_door(guard);
    ol_debug(bridge, "guards %s(), which is written in C", method->name);
    return ol_py.Py_BuildValue("I", ol_guard_index(guard));
}

/* With the GIL. */
static __attribute__((noinline, cold)) void print_guarded(struct ol_pyobject *function,
                                                          const char *how)
{
    struct ol_pyobject *word = ol_py.PyUnicode_InternFromString("__qualname__");
    struct ol_pyobject *name = word ? ol_py.PyObject_GetAttr(function, word) : NULL;
    ol_debug(bridge, "guards %s(), %s", name ? ol_py.PyUnicode_AsUTF8(name) : "a callable", how);
    if (!name)
        ol_py.PyErr_Clear();
    else
        ol_py.Py_DecRef(name);
    if (word)
        ol_py.Py_DecRef(word);
}

/* guard_function(target, wanted) -> index, or why not */
static struct ol_pyobject *guard_function(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *target, *wanted;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "OO", &target, &wanted))
        return NULL;
    struct ol_guard *guard = guard_of(wanted);
    if (!guard)
        return no_room();
    void **slot = (void **)ol_py_vectorcall_of(ol_py_new(target));
    guard->is_function = true;
    guard->original = *slot;
    if (ol_py.PyFunction_SetVectorcall)
        ol_py.PyFunction_SetVectorcall(target, ol_guard_door(guard));
    else
        *slot = ol_guard_door(guard);
    if (ol_debug_has(OL_DEBUG_bridge))
        print_guarded(target, "a function of Python");
    return ol_py.Py_BuildValue("I", ol_guard_index(guard));
}

/* guard_frame(function as it was, wanted, plain) -> (index, door), or why not */
static struct ol_pyobject *guard_frame(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *original, *wanted;
    int plain;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "OOi", &original, &wanted, &plain))
        return NULL;
    struct ol_guard *guard = guard_of(wanted);
    if (!guard)
        return no_room();
    guard->is_frame = true;
    guard->plain = plain;
    guard->original = ol_py_new(original);
    if (ol_debug_has(OL_DEBUG_bridge))
        print_guarded(original, "at the start of its bytecode");
    return ol_py.Py_BuildValue("(IN)", ol_guard_index(guard), ol_guard_frame_door(guard));
}

/* within(object, size, [loop, …]) -> the loop that the object's own memory refers to, or None */
static struct ol_pyobject *within(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *object, *loops;
    int size;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "OiO", &object, &size, &loops))
        return NULL;
    void *const *words = (void *const *)(const void *)object;
    intptr_t count = ol_py.PyTuple_Size(loops);
    for (size_t i = 2; i < (size_t)size / sizeof *words; i++)
        for (intptr_t j = 0; j < count; j++)
            if (words[i] == ol_py.PyTuple_GetItem(loops, j))
                return ol_py_new(ol_py.PyTuple_GetItem(loops, j));
    return none();
}

/* tell(site, argument, words): a place that was noted is one that breaks its rule */
static struct ol_pyobject *tell(struct ol_pyobject *self, struct ol_pyobject *args)
{
    int site;
    const char *shown;
    const char *instead;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "iss", &site, &shown, &instead))
        return NULL;
    ol_gate_count_place((uint32_t)site, shown, instead);
    return none();
}

/* running_loop() -> this thread's, or None */
static struct ol_pyobject *running_loop(struct ol_pyobject *self, struct ol_pyobject *args)
{
    (void)self;
    (void)args;
    struct ol_pyobject *loop = ol_guard_running_loop();
    return loop ? loop : none();
}

/* in_turn() -> whether the thread is in a turn of its loop */
static struct ol_pyobject *in_turn(struct ol_pyobject *self, struct ol_pyobject *args)
{
    (void)self;
    (void)args;
    return ol_py.Py_BuildValue("i", ol_self.armed && ol_guard_is_on_a_loop());
}

/* end(): the interpreter ends */
static struct ol_pyobject *end(struct ol_pyobject *self, struct ol_pyobject *args)
{
    (void)self;
    (void)args;
    ol_follow_end();
    ol_guard_interpreter = NULL;
    return none();
}

/* follow(future, id of its loop, site): tell of its outcome if nobody fetches that */
static struct ol_pyobject *follow(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *future;
    long long loop;
    int site;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "OLi", &future, &loop, &site))
        return NULL;
    ol_follow(future, (const void *)(uintptr_t)loop, site, true);
    return none();
}

/* submitted_to(future) -> id of its loop; 0: it is not followed */
static struct ol_pyobject *submitted_to(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *future;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "O", &future))
        return NULL;
    return ol_py.Py_BuildValue("L", (long long)(uintptr_t)ol_follow_loop(future));
}

/* learn_own(code of asyncio's own callback) */
static struct ol_pyobject *learn_own(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *code;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "O", &code))
        return NULL;
    ol_follow_learn_own(ol_py_new(code));
    return none();
}

/* home(id of a loop that runs in this process, how to ask whether it still does, whether that is a
 * method) */
static struct ol_pyobject *home(struct ol_pyobject *self, struct ol_pyobject *args)
{
    struct ol_pyobject *name;
    long long loop;
    int is_method;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "LOi", &loop, &name, &is_method))
        return NULL;
    ol_follow_home((const void *)(uintptr_t)loop, interned(name), is_method);
    return none();
}

/* no_home(id of a loop that is gone) */
static struct ol_pyobject *no_home(struct ol_pyobject *self, struct ol_pyobject *args)
{
    long long loop;
    (void)self;
    if (!ol_py.PyArg_ParseTuple(args, "L", &loop))
        return NULL;
    ol_follow_no_home((const void *)(uintptr_t)loop);
    return none();
}

/* idle(how many submissions are not taken up) */
static struct ol_pyobject *idle(struct ol_pyobject *self, struct ol_pyobject *args)
{
    (void)self;
    return ol_py.PyArg_ParseTuple(args, "I", &ol_guard_idle) ? none() : NULL;
}

bool ol_bridge_offer(struct ol_pyobject *globals)
{
    static struct ol_pymethod offered[] = {
        {"_rules", (void *)rules, OL_PYMETHOD_varargs, NULL},
        {"_blind", (void *)blind, OL_PYMETHOD_varargs, NULL},
        {"_learn", (void *)learn, OL_PYMETHOD_varargs, NULL},
        {"_guard_method", (void *)guard_method, OL_PYMETHOD_varargs, NULL},
        {"_guard_function", (void *)guard_function, OL_PYMETHOD_varargs, NULL},
        {"_guard_frame", (void *)guard_frame, OL_PYMETHOD_varargs, NULL},
        {"_end", (void *)end, OL_PYMETHOD_varargs, NULL},
        {"_follow", (void *)follow, OL_PYMETHOD_varargs, NULL},
        {"_submitted_to", (void *)submitted_to, OL_PYMETHOD_varargs, NULL},
        {"_learn_own", (void *)learn_own, OL_PYMETHOD_varargs, NULL},
        {"_home", (void *)home, OL_PYMETHOD_varargs, NULL},
        {"_no_home", (void *)no_home, OL_PYMETHOD_varargs, NULL},
        {"_idle", (void *)idle, OL_PYMETHOD_varargs, NULL},
        {"_within", (void *)within, OL_PYMETHOD_varargs, NULL},
        {"_running_loop", (void *)running_loop, OL_PYMETHOD_varargs, NULL},
        {"_in_turn", (void *)in_turn, OL_PYMETHOD_varargs, NULL},
        {"_tell", (void *)tell, OL_PYMETHOD_varargs, NULL},
    };
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        struct ol_pyobject *function = ol_py.PyCFunction_NewEx(&offered[i], NULL, NULL);
        if (!function || ol_py.PyDict_SetItemString(globals, offered[i].name, function) != 0)
            return false;
        ol_py.Py_DecRef(function);
    }
    return true;
}
