/* SPDX-License-Identifier: MIT */
/* Doors: one C function for each guard, since what the interpreter calls has no room for a word of
 * ours. A door gets the words of a PyCFunction (of any flags: they differ in how many there are) or
 * of a vectorcall, and hands the same on: surplus words are registers that nobody reads. */
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "../detector/thread.h"
#include "bridge.h"
#include "bridge_follow.h"
#include "bridge_guard.h"
#include "inside.h"

enum { GUARDS = 256 };

static struct ol_guard guards[GUARDS];
static unsigned guard_count;

__thread struct ol_guard_thread ol_guard_self __attribute__((tls_model("initial-exec")));

typedef struct ol_pyobject *words_function(void *, void *, void *, void *, void *);

/* --- is it right? --- */

static struct {
    words_function *function; /* of _asyncio._get_running_loop, with its module */
    void *module;
    struct ol_pyobject *callable; /* where that is not written in C */
} running;

struct ol_pyobject *ol_guard_running_loop(void)
{
    struct ol_pyobject *loop = NULL;
    if (running.function)
        loop = running.function(running.module, NULL, NULL, NULL, NULL);
    else if (running.callable)
        loop = ol_py.PyObject_CallObject(running.callable, NULL);
    if (!loop)
        ol_py.PyErr_Clear();
    if (loop != ol_py_none())
        return loop;
    ol_py.Py_DecRef(loop);
    return NULL;
}

/* The fields of a PyCFunctionObject. */
struct builtin {
    struct ol_pyobject head;
    struct ol_pymethod *method;
    struct ol_pyobject *self;
};

void ol_guard_learn_running_loop(struct ol_pyobject *function)
{
    const struct builtin *builtin = (const struct builtin *)function;
    running.callable = ol_py_new(function);
    if (function->type != (const void *)ol_pyruntime.c_function ||
        builtin->method->flags != OL_PYMETHOD_noargs)
        return;
    running.module = builtin->self;
    running.function = (words_function *)builtin->method->function;
}

/* The thread's own loop is known from its waits; one before its first wait has to be asked for. */
bool ol_guard_runs_here(const struct ol_pyobject *loop)
{
    if (loop == ol_guard_self.loop)
        return true;
    struct ol_pyobject *here = ol_guard_running_loop();
    if (here)
        ol_py.Py_DecRef(here);
    return here == loop;
}

static bool is_in_main(void)
{
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    return ol_self.tid == ol_process.pid;
}

static bool is_at_home(const struct ol_guard *guard, struct ol_pyobject *object)
{
    if (!object)
        return false;
    if (!guard->path_length)
        return ol_guard_runs_here(object);
    ol_py.Py_IncRef(object);
    for (unsigned i = 0; i < guard->path_length && object; i++) {
        struct ol_pyobject *next = ol_py.PyObject_GetAttr(object, guard->path[i]);
        ol_py.Py_DecRef(object);
        object = next;
    }
    if (!object) {
        ol_py.PyErr_Clear();
        return false;
    }
    bool right = ol_guard_runs_here(object) || object == ol_py_none();
    ol_py.Py_DecRef(object);
    return right;
}

bool ol_guard_is_on_a_loop(void)
{
    if (!ol_self.is_loop || !ol_guard_self.loop)
        return ol_self.is_loop;
    struct ol_pyobject *here = ol_guard_running_loop();
    if (here)
        ol_py.Py_DecRef(here);
    return here;
}

unsigned ol_guard_idle;

const void *ol_guard_interpreter;

/* concurrent.futures keeps the state of a future as a word: PENDING and RUNNING are to be waited
 * for.
 */
static bool is_done(const struct ol_guard *guard, struct ol_pyobject *future)
{
    struct ol_pyobject *state = future ? ol_py.PyObject_GetAttr(future, guard->path[0]) : NULL;
    const char *word = state ? ol_py.PyUnicode_AsUTF8(state) : NULL;
    bool done = word && *word != 'P' && *word != 'R';
    if (!word)
        ol_py.PyErr_Clear();
    if (state)
        ol_py.Py_DecRef(state);
    return done;
}

/* Where a call's arguments are: the first `count` in a row, then those with names. */
struct given {
    struct ol_pyobject *const *values;
    uintptr_t count;
    struct ol_pyobject *names;
};

/* The argument of the guard's parameter, whose name both sides have interned; NULL: not given. */
static struct ol_pyobject *argument_of(const struct ol_guard *guard, const struct given *given)
{
    if (guard->position >= 0 && (uintptr_t)guard->position < given->count)
        return given->values[guard->position];
    intptr_t named = given->names ? ol_py.PyTuple_Size(given->names) : 0;
    for (intptr_t i = 0; i < named; i++)
        if (ol_py.PyTuple_GetItem(given->names, i) == guard->parameter)
            return given->values[(intptr_t)given->count + i];
    return NULL;
}

static bool fetches_rightly(const struct ol_guard *guard, const struct given *given,
                            struct ol_pyobject *future)
{
    bool followed = ol_follow_take(future);
    if (ol_self.armed && guard->path_length)
        return is_done(guard, future);
    if (!followed || !guard->parameter)
        return true;
    struct ol_pyobject *timeout = argument_of(guard, given);
    return (timeout && timeout != ol_py_none()) || (guard->path_length && is_done(guard, future));
}

/* The rest is right as long as the loop runs. */
static bool submits_rightly(const struct ol_guard *guard, const struct given *given)
{
    struct ol_pyobject *loop = argument_of(guard, given);
    return loop && ol_follow_runs_elsewhere(loop);
}

enum { TYPE_BASICSIZE = 32, OBJECT_HEAD = 2 };

/* An object of C keeps its loop in a field of its own. */
static bool is_within(const struct ol_pyobject *object)
{
    const void *const *words = (const void *const *)(const void *)object;
    if (!object || !ol_guard_self.loop)
        return false;
    intptr_t size = *(const intptr_t *)((const char *)object->type + TYPE_BASICSIZE);
    for (intptr_t i = OBJECT_HEAD; i < size / (intptr_t)sizeof *words; i++)
        if (words[i] == ol_guard_self.loop)
            return true;
    return false;
}

static bool is_named_home(const struct ol_guard *guard, const struct given *given)
{
    if (ol_guard_idle || !guard->parameter)
        return false;
    const struct ol_pyobject *loop = argument_of(guard, given);
    return !loop || loop == ol_py_none() || ol_guard_runs_here(loop);
}

static inline bool is_outside(void)
{
    return ol_guard_self.busy || ol_process.exiting || !ol_guard_interpreter;
}

static inline bool is_right(const struct ol_guard *guard, const struct given *given)
{
    struct ol_pyobject *first = given->count ? given->values[0] : NULL;
    switch (guard->test) {
    case OL_GUARD_takes:
        ol_follow_call_back(first, argument_of(guard, given));
        return true;
    case OL_GUARD_resolves:
    case OL_GUARD_fails:
        ol_follow_settle(first, argument_of(guard, given), guard->test == OL_GUARD_fails);
        return true;
    case OL_GUARD_runs:
        ol_bridge_runs(first);
        return true;
    case OL_GUARD_fetches:
        return fetches_rightly(guard, given, first) || is_outside();
    default:
        break;
    }
    if (OL_UNLIKELY(is_outside()))
        return true;
    switch (guard->test) {
    case OL_GUARD_in_no_turn:
        return !ol_self.armed;
    case OL_GUARD_on_a_loop:
        return ol_guard_is_on_a_loop();
    case OL_GUARD_in_main:
        return is_in_main();
    case OL_GUARD_at_home:
        return is_at_home(guard, guard->parameter ? argument_of(guard, given) : first);
    case OL_GUARD_named_home:
        return is_named_home(guard, given);
    case OL_GUARD_within:
        return is_within(first);
    case OL_GUARD_submits:
        return submits_rightly(guard, given);
    default:
        return false;
    }
}

/* --- the doors --- */

#define COUNT_OF_VECTORCALL(word) ((uintptr_t)(word) & ~((uintptr_t)1 << 63))

/* A right call is made, and what it submits is followed. */
static struct ol_pyobject *do_followed(const struct ol_guarded *call, const struct given *given)
{
    unsigned missed = ol_follow_missed;
    struct ol_pyobject *future = ol_guarded_do(call);
    if (future && !is_outside())
        ol_follow(future, argument_of(call->guard, given),
                  ol_guarded_place(call, call->guard->place), missed != ol_follow_missed);
    return future;
}

static struct ol_pyobject *enter(const struct ol_guard *guard, const void *caller, void *a, void *b,
                                 void *c, void *d, void *e)
{
    words_function *original = (words_function *)guard->original;
    bool is_argument = !guard->has_self && guard->flags == OL_PYMETHOD_o;
    struct ol_pyobject *first = is_argument ? b : a;
    struct given given = {.values = &first, .count = 1};
    if (guard->is_function)
        given = (struct given){.values = b, .count = COUNT_OF_VECTORCALL(c), .names = d};
    bool right = is_right(guard, &given);
    if (OL_LIKELY(right && guard->place == OL_GUARD_quiet))
        return original(a, b, c, d, e);
    struct ol_guarded call = {guard, caller, {a, b, c, d, e}};
    return right && guard->place >= 0 ? do_followed(&call, &given) : ol_guard_judge(&call);
}

#define DOOR(n)                                                                                    \
    static struct ol_pyobject *door_##n(void *a, void *b, void *c, void *d, void *e)               \
    {                                                                                              \
        return enter(&guards[0x##n], __builtin_return_address(0), a, b, c, d, e);                  \
    }
#define SIXTEEN(of, n)                                                                             \
    of(n##0) of(n##1) of(n##2) of(n##3) of(n##4) of(n##5) of(n##6) of(n##7) of(n##8) of(n##9)      \
        of(n##a) of(n##b) of(n##c) of(n##d) of(n##e) of(n##f)
#define ALL(of)                                                                                    \
    SIXTEEN(of, 0)                                                                                 \
    SIXTEEN(of, 1)                                                                                 \
    SIXTEEN(of, 2)                                                                                 \
    SIXTEEN(of, 3)                                                                                 \
    SIXTEEN(of, 4)                                                                                 \
    SIXTEEN(of, 5) SIXTEEN(of, 6) SIXTEEN(of, 7) SIXTEEN(of, 8) SIXTEEN(of, 9) SIXTEEN(of, a)      \
        SIXTEEN(of, b) SIXTEEN(of, c) SIXTEEN(of, d) SIXTEEN(of, e) SIXTEEN(of, f)

ALL(DOOR)

static words_function *const doors[GUARDS] = {
#define ENTRY(n) door_##n,
    ALL(ENTRY)
#undef ENTRY
};

void *ol_guard_door(const struct ol_guard *guard)
{
    return (void *)doors[ol_guard_index(guard)];
}

struct ol_guard *ol_guard_new(void)
{
    return guard_count < GUARDS ? &guards[guard_count++] : NULL;
}

unsigned ol_guard_index(const struct ol_guard *guard)
{
    return (unsigned)(guard - guards);
}

/* --- the door at the start of bytecode --- */

/* The frame that runs, complete or not: the guarded code has not begun. */
static const char *innermost_frame(void)
{
    const struct ol_pylayout *layout = &ol_pyruntime.layout;
    const char *thread = ol_py.PyGILState_GetThisThreadState();
    const char *cframe = *(const char *const *)(thread + layout->tstate_cframe);
    return *(const char *const *)(cframe + layout->cframe_frame);
}

static struct ol_pyobject *frame_door(struct ol_pyobject *self, struct ol_pyobject *unused)
{
    (void)unused;
    const struct ol_guard *guard = &guards[ol_py.PyLong_AsLong(self)];
    const char *frame = innermost_frame();
    struct ol_pyobject **locals = (struct ol_pyobject **)(uintptr_t)(frame + ol_pyruntime.layout
                                                                                 .frame_locals);
    void *code = *(void *const *)(frame + ol_pyruntime.layout.frame_code);
    int first = *(const int *)((const char *)code + ol_pyruntime.layout.code_argcount) > 0;
    struct given given = {.values = locals, .count = (uintptr_t)first};
    if (guard->position >= 0)
        given.count = (uintptr_t)guard->position + 1;
    bool right = is_right(guard, &given);
    if (OL_LIKELY(right && guard->place == OL_GUARD_quiet))
        return ol_py_new(guard->frame_door);
    struct ol_guarded call = {guard, __builtin_return_address(0), {locals, code}};
    return right && guard->place >= 0 ? do_followed(&call, &given) : ol_guard_judge(&call);
}

struct ol_pyobject *ol_guard_frame_door(struct ol_guard *guard)
{
    static struct ol_pymethod method = {"offloop", (void *)frame_door, OL_PYMETHOD_noargs, NULL};
    struct ol_pyobject *index = ol_py.Py_BuildValue("I", ol_guard_index(guard));
    guard->frame_door = ol_py.PyCFunction_NewEx(&method, index, NULL);
    ol_py.Py_DecRef(index);
    return ol_py_new(guard->frame_door);
}
