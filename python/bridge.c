/* SPDX-License-Identifier: MIT */
/* The CPython bridge's life: installed when a thread of CPython makes ready for a loop, told of
 * every loop. What bridge.py may ask of us is in bridge_offer.c. The contract is in bridge.h.
 *
 * Nothing here waits for the GIL: what needs it is done when it is there (bridge_evaluator.h).
 */
#include "bridge.h"

#include <errno.h>
#include <stdatomic.h>

#include "../detector/callable.h"
#include "../detector/debug.h"
#include "../detector/epolls.h"
#include "../detector/prepare.h"
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "../detector/recorder.h"
#include "../detector/thread.h"
#include "../shim/bridges.h"
#include "bridge_evaluator.h"
#include "bridge_guard.h"
#include "bridge_import.h"
#include "bridge_offer.h"
#include "bridge_stamp.h"
#include "inside.h"

extern const char ol_bridge_source[];
__asm__(".pushsection .rodata\n"
        ".global ol_bridge_source\n"
        ".hidden ol_bridge_source\n"
        "ol_bridge_source:\n"
        ".incbin \"" OL_BRIDGE_FOLDER "/bridge.py\"\n"
        ".incbin \"" OL_BRIDGE_FOLDER "/bridge_judge.py\"\n"
        ".byte 0\n"
        ".popsection\n");

static const char what[] = "rules for Python callables";

enum state { OPEN, INSTALLING, READY, GIVEN_UP };
static _Atomic int state;

static struct ol_pyobject *met; /* bridge.py's: a thread runs that loop */

static void give_up(const char *why)
{
    atomic_store(&state, GIVEN_UP);
    ol_debug(bridge, "gives up: %s", why);
    ol_recorder_blind_spot(what, why);
}

/* The pending exception becomes a blind spot. A KeyboardInterrupt is the user's: it comes again
 * where it is looked for. */
static void note_trouble(void)
{
    char bytes[300];
    struct ol_text text = OL_TEXT(bytes);
    struct ol_pyobject *parts[3];
    bool ours = ol_py.PyErr_ExceptionMatches(ol_py_exception(ol_py.PyExc_Exception));
    ol_py.PyErr_Fetch(&parts[0], &parts[1], &parts[2]);
    struct ol_pyobject *words = parts[1] ? ol_py.PyObject_Str(parts[1]) : NULL;
    ol_text_add(&text, "the bridge failed: ");
    ol_text_add(&text, words ? ol_py.PyUnicode_AsUTF8(words) : "without a word");
    ol_py.PyErr_Clear();
    for (int i = 0; i < 3; i++)
        if (parts[i])
            ol_py.Py_DecRef(parts[i]);
    if (words)
        ol_py.Py_DecRef(words);
    if (!ours)
        ol_py.PyErr_SetInterrupt();
    give_up(bytes);
}

/* Runs bridge.py in a namespace of its own; its globals, or NULL with an exception. */
static struct ol_pyobject *run_source(void)
{
    enum { PY_FILE_INPUT = 257 };
    struct ol_pyobject *globals = ol_py.PyDict_New();
    struct ol_pyobject *name = ol_py.PyUnicode_InternFromString("offloop");
    struct ol_pyobject *code = ol_py.Py_CompileString(ol_bridge_source, "<offloop>", PY_FILE_INPUT);
    if (!globals || !name || !code)
        return NULL;
    ol_py.PyDict_SetItemString(globals, "__builtins__", ol_py.PyEval_GetBuiltins());
    ol_py.PyDict_SetItemString(globals, "__name__", name);
    if (!ol_bridge_offer(globals))
        return NULL;
    struct ol_pyobject *done = ol_py.PyEval_EvalCode(code, globals, globals);
    ol_py.Py_DecRef(code);
    ol_py.Py_DecRef(name);
    return done ? globals : NULL;
}

static bool install(void)
{
    struct ol_pyobject *globals = run_source();
    if (!globals)
        return false;
    ol_guard_judges.judge = ol_py.PyDict_GetItemString(globals, "judge");
    ol_guard_judges.returned = ol_py.PyDict_GetItemString(globals, "returned");
    met = ol_py.PyDict_GetItemString(globals, "met");
    ol_guard_interpreter = ol_py.PyInterpreterState_Get();
    struct ol_pyobject *begin = ol_py.PyDict_GetItemString(globals, "begin");
    return ol_py.PyObject_CallObject(begin, NULL) != NULL;
}

/* --- with the GIL --- */

static bool has_rules(void)
{
    return ol_callable_count() && state != GIVEN_UP;
}

static void install_once(void)
{
    int open = OPEN;
    if (!atomic_compare_exchange_strong(&state, &open, INSTALLING))
        return; /* bytecode may give the GIL to another thread meanwhile */
    if (!install()) {
        note_trouble();
        return;
    }
    atomic_store(&state, READY);
    ol_debug(bridge, "is there, with %u rules for callables", ol_callable_count());
}

static void tell_of(struct ol_pyobject *loop)
{
    if (state != READY || !met || ol_guard_interpreter != ol_py.PyInterpreterState_Get())
        return;
    ol_guard_self.loop = loop;
    ol_debug(bridge, "meets the loop that this thread runs");
    if (!ol_py.PyObject_CallFunction(met, "Oi", loop, ol_raw_gettid()))
        note_trouble();
}

/* A loop that ran before the bridge was there. */
static void meet(void)
{
    struct ol_pyobject *loop = ol_guard_running_loop();
    if (loop) {
        tell_of(loop);
        ol_py.Py_DecRef(loop);
    }
    ol_self.unmet = 0;
}

static _Atomic int made = -1; /* the epoll descriptor that was made last */

/* One that is closed at once only tells the `selectors` module that there can be any. */
static bool loop_is_near(void)
{
    return ol_self.unmet || ol_epolls_has(made);
}

static void do_what_is_wanted(struct ol_pyobject *unused)
{
    (void)unused;
    ol_bridge_import_begin();
    if (has_rules() && state == OPEN && loop_is_near() && ol_prepare_record())
        install_once();
    if (ol_self.unmet && state == READY)
        meet();
}

typedef void action(struct ol_pyobject *loop);

/* What the bridge does is no turn's, and nobody's exception is lost by it. */
static void act(action *what_to_do, struct ol_pyobject *loop)
{
    struct ol_pyobject *parts[3];
    bool armed = ol_self.armed;
    bool inside = ol_self.inside;
    int saved = errno;
    ol_self.armed = false;
    ol_self.inside = true;
    ol_guard_self.busy++;
    ol_py.PyErr_Fetch(&parts[0], &parts[1], &parts[2]);
    what_to_do(loop);
    ol_py.PyErr_Restore(parts[0], parts[1], parts[2]);
    ol_guard_self.busy--;
    ol_self.inside = inside;
    ol_self.armed = armed;
    errno = saved;
}

static void visit(void)
{
    if (!ol_process.exiting && !ol_guard_self.busy && ol_pyapi_is_alive())
        act(do_what_is_wanted, NULL);
}

void ol_bridge_runs(struct ol_pyobject *loop)
{
    ol_guard_self.runs = loop != ol_py_none();
    if (ol_guard_self.runs && !ol_process.exiting && !ol_guard_self.busy)
        act(tell_of, loop);
}

/* --- without it --- */

/* Several threads may look at once: the same names give the same addresses, and no call is made
 * before all are there. */
static bool find_api(bool wanted)
{
    static bool found;
    if (found)
        return true;
    const char *missing = ol_pyapi_find();
    if (missing && wanted)
        give_up("an interpreter that hides its C API");
    found = !missing;
    return found;
}

/* False: there is no use in asking again. Without rules nothing is lost but the beginning of
 * imports. */
static bool expect(bool rules)
{
    if (!ol_python_find() || !find_api(rules) || !ol_pyapi_is_alive())
        return false;
    bool entered = ol_evaluator_expect(visit);
    if (entered && state == OPEN)
        ol_debug(bridge, "waits for the interpreter (Python %s) to come by", ol_python_version());
    if (!entered && rules)
        give_up("an interpreter whose evaluator can't be replaced");
    return entered;
}

static void note_epoll(int epoll)
{
    int saved = errno;
    made = epoll;
    if (has_rules() && state == OPEN)
        expect(true);
    errno = saved;
}

/* The loop is not known yet, or nothing is. */
static bool is_to_be_met(void)
{
    return has_rules() && ol_python_version() && !(state == READY && ol_guard_self.runs);
}

static void note_wait(void)
{
    int saved = errno;
    bool rules = is_to_be_met();
    bool asks = false;
    if (rules && ol_python_trouble())
        give_up(ol_python_trouble());
    else if (ol_python_version() && (rules || ol_bridge_import_is_missing()))
        asks = expect(rules);
    ol_self.unmet = asks ? ol_self.unmet - 1 : 0;
    errno = saved;
}

extern const struct ol_bridge ol_python_bridge;

/* Without rules only the door of the import machinery is wanted, once. */
const struct ol_bridge ol_python_bridge = {
    .expect = note_epoll, .meet = note_wait, .forked = ol_evaluator_forked};
