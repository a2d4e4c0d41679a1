/* SPDX-License-Identifier: MIT */
/* A guarded call that did not prove right at its door: its arguments as objects, bridge.py's word
 * on it, the hit, the original call. */
#include "../detector/callable.h"
#include "../detector/gate.h"
#include "../detector/rawio.h"
#include "../detector/thread.h"
#include "bridge_guard.h"
#include "bridge_refuse.h"
#include "inside.h"

struct ol_guard_judges ol_guard_judges;

typedef struct ol_pyobject *words_function(void *, void *, void *, void *, void *);

/* --- arguments --- */

static struct ol_pyobject *tuple_of(struct ol_pyobject *first, struct ol_pyobject *const *items,
                                    intptr_t count)
{
    intptr_t at = 0;
    struct ol_pyobject *tuple = ol_py.PyTuple_New(count + (first != NULL));
    if (tuple && first)
        ol_py.PyTuple_SetItem(tuple, at++, ol_py_new(first));
    for (intptr_t i = 0; tuple && i < count; i++)
        ol_py.PyTuple_SetItem(tuple, at++, ol_py_new(items[i]));
    return tuple;
}

static struct ol_pyobject *dict_of(struct ol_pyobject *names, struct ol_pyobject *const *values)
{
    struct ol_pyobject *dict = ol_py.PyDict_New();
    intptr_t count = ol_py.PyTuple_Size(names);
    for (intptr_t i = 0; dict && i < count; i++)
        ol_py.PyDict_SetItem(dict, ol_py.PyTuple_GetItem(names, i), values[i]);
    return dict;
}

/* Fails as a whole or not at all. */
static bool complete(struct ol_pyobject **args, struct ol_pyobject **kwargs)
{
    if (*args && !ol_py.PyErr_Occurred())
        return true;
    if (*args)
        ol_py.Py_DecRef(*args);
    if (*kwargs)
        ol_py.Py_DecRef(*kwargs);
    return false;
}

/* What vectorcall and METH_FASTCALL pass: values in a row, the last ones by name. */
static bool from_array(struct ol_pyobject *first, void *const *words, struct ol_pyobject **args,
                       struct ol_pyobject **kwargs)
{
    struct ol_pyobject *const *values = words[0];
    intptr_t count = (intptr_t)((uintptr_t)words[1] & ~((uintptr_t)1 << 63));
    struct ol_pyobject *names = words[2];
    *args = tuple_of(first, values, count);
    *kwargs = names ? dict_of(names, values + count) : NULL;
    return complete(args, kwargs);
}

static bool from_method(const struct ol_guarded *call, struct ol_pyobject **args,
                        struct ol_pyobject **kwargs)
{
    int flags = call->guard->flags;
    struct ol_pyobject *self = call->guard->has_self ? call->words[0] : NULL;
    if (flags & OL_PYMETHOD_fastcall) {
        void *const *from = call->words + (flags & OL_PYMETHOD_method ? 2 : 1);
        void *row[3] = {from[0], from[1], flags & OL_PYMETHOD_keywords ? from[2] : NULL};
        return from_array(self, row, args, kwargs);
    }
    *kwargs = NULL;
    struct ol_pyobject *word = call->words[1];
    if (flags & OL_PYMETHOD_noargs) {
        *args = tuple_of(self, NULL, 0);
    } else if (flags & OL_PYMETHOD_o) {
        *args = tuple_of(self, &word, 1);
    } else {
        struct ol_pyobject *start = tuple_of(self, NULL, 0);
        *args = start ? ol_py.PySequence_Concat(start, word) : NULL;
        *kwargs = flags & OL_PYMETHOD_keywords && call->words[2] ? ol_py_new(call->words[2]) : NULL;
    }
    return complete(args, kwargs);
}

static int code_number(struct ol_pyobject *code, const char *name)
{
    struct ol_pyobject *number = ol_py.PyObject_GetAttrString(code, name);
    if (!number)
        return 0;
    long value = ol_py.PyLong_AsLong(number);
    ol_py.Py_DecRef(number);
    return (int)value;
}

enum { CO_VARARGS = 4, CO_VARKEYWORDS = 8 };

/* The fast locals of a function that has not begun are its parameters: plain ones, those by name
 * only, *args, **kwargs. */
static bool from_frame(const struct ol_guarded *call, struct ol_pyobject **args,
                       struct ol_pyobject **kwargs)
{
    struct ol_pyobject *const *locals = call->words[0];
    struct ol_pyobject *code = call->words[1];
    int plain = code_number(code, "co_argcount");
    int named = code_number(code, "co_kwonlyargcount");
    int flags = code_number(code, "co_flags");
    struct ol_pyobject *const *rest = locals + plain + named;
    struct ol_pyobject *names = ol_py.PyObject_GetAttrString(code, "co_varnames");
    *args = tuple_of(NULL, locals, plain);
    *kwargs = ol_py.PyDict_New();
    for (int i = plain; names && *kwargs && i < plain + named; i++)
        ol_py.PyDict_SetItem(*kwargs, ol_py.PyTuple_GetItem(names, i), locals[i]);
    if (names)
        ol_py.Py_DecRef(names);
    if (*args && flags & CO_VARARGS) {
        struct ol_pyobject *start = *args;
        *args = ol_py.PySequence_Concat(start, *rest++);
        ol_py.Py_DecRef(start);
    }
    if (*kwargs && flags & CO_VARKEYWORDS)
        ol_py.PyDict_Update(*kwargs, *rest);
    return complete(args, kwargs);
}

bool ol_guarded_arguments(const struct ol_guarded *call, struct ol_pyobject **args,
                          struct ol_pyobject **kwargs)
{
    *kwargs = NULL;
    if (call->guard->is_frame)
        return from_frame(call, args, kwargs);
    if (call->guard->is_function)
        return from_array(NULL, call->words + 1, args, kwargs);
    return from_method(call, args, kwargs);
}

/* --- the call --- */

static struct ol_pyobject *do_frame(const struct ol_guarded *call)
{
    int plain = call->guard->plain;
    struct ol_pyobject *original = call->guard->original;
    if (plain >= 0)
        return (*ol_py_vectorcall_of(original))(original, call->words[0], (size_t)plain, NULL);
    struct ol_pyobject *args;
    struct ol_pyobject *kwargs;
    if (!ol_guarded_arguments(call, &args, &kwargs))
        return NULL;
    struct ol_pyobject *result = ol_py.PyObject_Call(call->guard->original, args, kwargs);
    ol_py.Py_DecRef(args);
    if (kwargs)
        ol_py.Py_DecRef(kwargs);
    return result;
}

struct ol_pyobject *ol_guarded_do(const struct ol_guarded *call)
{
    if (call->guard->is_frame)
        return do_frame(call);
    void *const *words = call->words;
    return ((words_function *)call->guard->original)(words[0], words[1], words[2], words[3],
                                                     words[4]);
}

/* The call, with what it calls in turn being part of it. */
static struct ol_pyobject *do_judged(const struct ol_guarded *call)
{
    ol_guard_self.busy++;
    struct ol_pyobject *result = ol_guarded_do(call);
    ol_guard_self.busy--;
    return result;
}

/* --- the verdict --- */

/* Only waits are measured: for the others the hit is over before the call. */
static bool is_timed(const struct ol_callable *rule)
{
    return rule->kind == OL_KIND_blocking || rule->kind == OL_KIND_off_loop_only;
}

static struct ol_gate_function function_of(const struct ol_callable *rule,
                                           const struct ol_guard *guard)
{
    return (struct ol_gate_function){.name = rule->api,
                                     .has_frame = guard->is_frame,
                                     .api = rule->api,
                                     .hint = *rule->hint ? rule->hint : NULL,
                                     .rule = rule->rule,
                                     .can_block = true,
                                     .anywhere = !is_timed(rule)};
}

/* A wait that may never end is told when it begins. */
static void begin(struct ol_call *hit, const struct ol_callable *rule)
{
    if (rule->kind == OL_KIND_off_loop_only)
        ol_gate_tell(hit, "waits from now on");
    else if (rule->kind == OL_KIND_loop_only)
        ol_gate_tell(hit, "not its loop's thread");
    else if (rule->kind == OL_KIND_misuse)
        ol_gate_tell(hit, "misused");
    if (!is_timed(rule))
        ol_gate_leave(hit);
}

static struct ol_pyobject *do_hit(const struct ol_guarded *call, const struct ol_callable *rule,
                                  const char *shown)
{
    struct ol_call hit;
    struct ol_argument argument = rule->kind == OL_KIND_blocking ? STRING(shown) : OURS(shown);
    const struct ol_gate_function function = function_of(rule, call->guard);
    bool armed = ol_self.armed;
    bool inside = ol_self.inside;
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    if (!ol_gate_enter_named(&hit, &function, call->caller, &argument)) {
        ol_bridge_refuse(&hit, rule, shown);
        ol_self.inside = inside;
        return NULL;
    }
    begin(&hit, rule);
    if (!is_timed(rule)) {
        ol_self.inside = inside;
        ol_self.armed = armed;
    }
    struct ol_pyobject *result = do_judged(call);
    if (is_timed(rule))
        ol_gate_leave(&hit);
    return result;
}

/* bridge.py's word: None, or (index of the rule, what to show). NULL with an exception that is not
 * ours: a signal's. */
static struct ol_pyobject *ask(const struct ol_guarded *call)
{
    struct ol_pyobject *args;
    struct ol_pyobject *kwargs;
    if (!ol_guarded_arguments(call, &args, &kwargs))
        return NULL;
    if (!kwargs)
        kwargs = ol_py.PyDict_New();
    ol_guard_self.busy++;
    struct ol_pyobject *said = ol_py.PyObject_CallFunction(
        ol_guard_judges.judge, "INN", ol_guard_index(call->guard), args, kwargs);
    ol_guard_self.busy--;
    return said;
}

static struct ol_pyobject *do_as_said(const struct ol_guarded *call, struct ol_pyobject *said)
{
    int rule;
    const char *shown;
    if (said == ol_py_none())
        return ol_guarded_do(call);
    if (!ol_py.PyArg_ParseTuple(said, "is", &rule, &shown)) {
        ol_py.PyErr_Clear();
        return ol_guarded_do(call);
    }
    return do_hit(call, ol_callable_at((unsigned)rule), shown);
}

int ol_guarded_place(const struct ol_guarded *call, int rule)
{
    const struct ol_gate_function function = function_of(ol_callable_at((unsigned)rule),
                                                         call->guard);
    struct ol_site_ref site = ol_gate_place(&function, call->caller);
    return site.index >= OL_SITE_ALLOWED ? -1 : (int)site.index;
}

/* bridge.py hears of the return, and asks for the places that it wants to keep; an exception of its
 * own ends here. */
static void tell_return(const struct ol_guarded *call, struct ol_pyobject *result)
{
    struct ol_pyobject *args;
    struct ol_pyobject *kwargs;
    int rule = call->guard->place;
    if (!ol_guarded_arguments(call, &args, &kwargs)) {
        ol_py.PyErr_Clear();
        return;
    }
    if (!kwargs)
        kwargs = ol_py.PyDict_New();
    ol_guard_self.busy++;
    do {
        struct ol_pyobject *wanted = ol_py.PyObject_CallFunction(
            ol_guard_judges.returned, "OOOii", args, kwargs, result, rule,
            rule < 0 ? -1 : ol_guarded_place(call, rule));
        rule = wanted && wanted != ol_py_none() ? (int)ol_py.PyLong_AsLong(wanted) : -1;
        if (wanted)
            ol_py.Py_DecRef(wanted);
        else
            ol_py.PyErr_Clear();
    } while (rule >= 0);
    ol_guard_self.busy--;
    ol_py.Py_DecRef(args);
    ol_py.Py_DecRef(kwargs);
}

struct ol_pyobject *ol_guard_judge(const struct ol_guarded *call)
{
    if (ol_guard_self.busy || ol_guard_interpreter != ol_py.PyInterpreterState_Get())
        return ol_guarded_do(call);
    struct ol_pyobject *said = ask(call);
    if (!said)
        return NULL;
    struct ol_pyobject *result = do_as_said(call, said);
    ol_py.Py_DecRef(said);
    if (result && call->guard->place != OL_GUARD_quiet)
        tell_return(call, result);
    return result;
}
