/* The CPython bridge's life: installed at the first loop wait of a thread that runs CPython, told
 * of every further loop. What bridge.py may ask of us is in bridge_offer.c. The contract is in
 * bridge.h.
 *
 * Waiting for the GIL is the one wait of ours that a program can feel: once, when a loop of
 * Python's first waits; with rules for Python callables once a loop.
 */
#include "bridge.h"

#include <errno.h>
#include <stdatomic.h>

#include "../detector/callable.h"
#include "../detector/loop.h"
#include "../detector/python_inside.h"
#include "../detector/rawio.h"
#include "../detector/recorder.h"
#include "bridge_guard.h"
#include "bridge_import.h"
#include "bridge_offer.h"
#include "bridge_stamp.h"

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

enum state { OPEN, READY, GIVEN_UP };
static _Atomic int state;

static struct ol_pyobject *met; /* bridge.py's: a thread's loop enters its first wait */

static void give_up(const char *why)
{
    atomic_store(&state, GIVEN_UP);
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

/* With the GIL. */
static void meet(void)
{
    static bool installing; /* bytecode may give the GIL to another loop's first wait */
    bool done = true;
    if (!installing) {
        installing = true;
        done = install();
        if (done)
            atomic_store(&state, READY);
    }
    struct ol_pyobject *loop = ol_guard_running_loop();
    ol_guard_self.loop = loop;
    if (done && met && loop && ol_guard_interpreter == ol_py.PyInterpreterState_Get())
        done = ol_py.PyObject_CallFunction(met, "Oi", loop, ol_raw_gettid()) != NULL;
    if (loop)
        ol_py.Py_DecRef(loop);
    if (!done)
        note_trouble();
}

/* Several loops' first waits may look at once: the same names give the same addresses, and no call
 * is made before all are there. */
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

static void meet_with_gil(bool rules)
{
    struct ol_pyobject *parts[3];
    int gil = ol_py.PyGILState_Ensure();
    ol_guard_self.busy++;
    ol_self.inside = true;
    ol_py.PyErr_Fetch(&parts[0], &parts[1], &parts[2]);
    ol_bridge_import_begin();
    if (rules)
        meet();
    ol_py.PyErr_Restore(parts[0], parts[1], parts[2]);
    ol_self.inside = false;
    ol_guard_self.busy--;
    ol_py.PyGILState_Release(gil);
}

/* Without rules nothing is lost but the beginning of imports: nobody is kept waiting for the GIL
 * who would not wait for it next. */
static bool is_for_imports(const void *caller)
{
    return ol_bridge_import_is_missing() && ol_python_find() && ol_python_waits(caller);
}

static void meet_if_wanted(const void *caller)
{
    bool rules = ol_callable_count() && atomic_load(&state) != GIVEN_UP && ol_python_version();
    if (rules && ol_python_trouble()) {
        give_up(ol_python_trouble());
        return;
    }
    if ((rules || is_for_imports(caller)) && find_api(rules) && ol_pyapi_is_alive())
        meet_with_gil(rules);
}

void ol_bridge_meet(const void *caller)
{
    int saved = errno;
    meet_if_wanted(caller);
    errno = saved;
}
