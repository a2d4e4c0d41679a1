/* SPDX-License-Identifier: MIT */
/* CPython, seen from inside the process without its GIL: what the files of this folder share. The
 * detector knows the folder by its row in runtime.c alone.
 *
 * CPython releases the GIL around calls that may block, so a wrapper runs while the thread's own
 * frames stand still: they can be read as plain memory. Nothing else of the interpreter is touched:
 * no reference counts, no allocation, no calls but PyGILState_GetThisThreadState(). Supported:
 * CPython 3.9 to 3.15, x86-64 and aarch64; 3.13 on by the offsets that it publishes. Everything
 * here is for the calling thread only and keeps errno.
 *
 * Objects are read by ol_raw_peek (one system call each), so that a pointer that is stale gives
 * false, never a fault; only python.c reads frames of the calling thread directly.
 */
#ifndef OFFLOOP_PYTHON_INSIDE_H
#define OFFLOOP_PYTHON_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../detector/runtime.h"
#include "../detector/text.h"

/* What the row of functions that runtime.h describes is made of. `frame`: PyFrameObject, or
 * _PyInterpreterFrame from 3.11 on; `where`: an address from 3.11 on, f_lasti before. A thread that
 * comes to `find` while another one looks waits for that one's answer, a second at most. */
bool ol_python_find(void);
void ol_python_forked(void);
const char *ol_python_version(void);
const char *ol_python_trouble(void);
const void *ol_python_address(void);
unsigned ol_python_walk(struct ol_runtime_frame *frames, unsigned max);
uint64_t ol_python_mix_frames(uint64_t hash, const struct ol_runtime_frame *frames, unsigned count);
uint64_t ol_python_mix(uint64_t hash, unsigned max);
bool ol_python_anchor(struct ol_anchor *anchor, const void *caller);
uint64_t ol_python_place(struct ol_anchor *anchor);
bool ol_python_may_be_elsewhere(const struct ol_anchor *anchor,
                                const struct ol_runtime_frame *outermost);
bool ol_python_describe(const struct ol_runtime_frame *frame, struct ol_frame_words *words);
bool ol_python_module_name(const struct ol_runtime_frame *frame, char *name, size_t size);
void ol_python_judge(const struct ol_anchor *anchor, const struct ol_runtime_stack *stack,
                     struct ol_verdict *verdict);
unsigned ol_python_wait(const struct ol_runtime_stack *stack, bool further, bool *in_frames);
bool ol_python_has_run(const struct ol_runtime_frame *frame);
const void *ol_python_given(const struct ol_runtime_frame *frame);
bool ol_python_imports(const struct ol_runtime_frame *innermost);

/* The next complete frame from the innermost one of the calling thread on; false without any. Hot.
 */
bool ol_pyframe_innermost(struct ol_runtime_frame *frame);

/* How a code object tells lines: co_lnotab (3.9), PEP 626's table (3.10), the location table (3.11
 * on). */
enum ol_pylines { OL_PYLINES_LNOTAB, OL_PYLINES_LINETABLE, OL_PYLINES_LOCATIONS };

/* Offsets in bytes; 0 where this version has no such field (frame_code and cframe_frame may truly
 * be 0). */
struct ol_pylayout {
    uint16_t tstate_frame;                /* the innermost frame, or … */
    uint16_t tstate_cframe, cframe_frame; /* … 3.11 and 3.12: one step further */
    uint16_t frame_previous, frame_code, frame_where, frame_owner, frame_locals, frame_generator,
        frame_entry, frame_globals;
    uint16_t code_argcount, code_stacksize, code_flags, code_firstline, code_filename, code_name,
        code_qualname;
    uint16_t code_linetable, code_instructions, code_firsttraceable, code_nlocalsplus, code_version;
    uint16_t code_nlocals, code_cellvars, code_freevars; /* up to 3.10 */
    uint16_t generator_qualname, function_code, function_qualname;
    uint16_t str_ascii, str_compact; /* where the characters start */
    uint16_t runtime_finalizing;
    uint8_t lines;      /* enum ol_pylines */
    bool small_keys;    /* 3.11: dicts whose keys are all str keep no hashes */
    uint8_t attributes; /* enum ol_pyattributes */
    uint16_t type_keys; /* of the keys that the instances of a class share */
    bool tagged;        /* 3.14: references in frames carry marks in their low bits */
};

/* Where an instance has its attributes: in a dict; or, as long as nobody asked for that, as values
 * of their own, by a pointer before the object (3.11), by one that is marked (3.12), behind it
 * (3.13 on). */
enum ol_pyattributes {
    OL_PYATTRIBUTES_DICT,
    OL_PYATTRIBUTES_AWAY,
    OL_PYATTRIBUTES_MARKED,
    OL_PYATTRIBUTES_INSIDE
};

struct ol_pyruntime {
    struct ol_pylayout layout;
    void *(*thread_state)(void); /* PyGILState_GetThisThreadState: the GIL is not held */
    const char *runtime;         /* _PyRuntime */
    const void *evaluator;       /* _PyEval_EvalFrameDefault, or NULL where it is hidden */
    const void *code, *str, *bytes, *tuple, *function; /* the types' addresses */
    const void *c_function, *c_method, *method_descriptor, *class_method_descriptor;
};

/* Valid once ol_python_find() was true. */
extern struct ol_pyruntime ol_pyruntime;

/* The interpreter's version into `words` ("3.11.2"; before 3.11 without its last part), its minor
 * returned: 0 for what is no CPython 3. Calls nothing of the interpreter. */
unsigned ol_pyversion_find(struct ol_text *words);

/* Fields of objects, the same in every supported version. */
enum {
    OL_PYOBJECT_TYPE = 8,
    OL_PYOBJECT_SIZE = 16, /* ob_size of tuples, bytes */
    OL_PYTUPLE_ITEMS = 24,
    OL_PYBYTES_START = 32,
    OL_PYTYPE_NAME = 24,
    OL_PYTYPE_BASICSIZE = 32,
    OL_PYTYPE_CALL = 128,
    OL_PYTYPE_FLAGS = 168,
    OL_PYTYPE_DICT_OFFSET = 288,
    OL_PYTYPE_ITERNEXT = 224,
    OL_PYTYPE_METHODS = 232,
    OL_PYTYPE_BASE = 256,
    OL_PYTYPE_DICT = 264,
    OL_PYTYPE_INIT = 296,
    OL_PYTYPE_NEW = 312,
    OL_PYTYPE_MRO = 344,
    OL_PYTYPE_IS_TYPE = 1u << 31 /* in tp_flags: instances of it are types */
};

/* Reads from an object's memory; 0 or NULL when it is not there. */
const void *ol_pyread_pointer(const void *object, size_t offset);
uint32_t ol_pyread_word(const void *object, size_t offset);

/* Whether the object is there and of exactly that type. */
bool ol_pyread_is(const void *object, const void *type);

/* A str's characters as UTF-8; bytes of file names that are not UTF-8 as they were. False: no str.
 */
bool ol_pyread_str(const void *object, char *bytes, size_t size);

/* A C string, cut at `size`. */
bool ol_pyread_chars(const char *address, char *bytes, size_t size);

/* A pointer without the marks that 3.14 keeps in it. */
static inline const void *ol_pyread_untag(const void *reference)
{
    return ol_pyruntime.layout.tagged ? (const void *)((uintptr_t)reference & ~(uintptr_t)3)
                                      : reference;
}

/* Steps to the next complete frame outwards; false at the end of the chain. Hot. */
bool ol_pyframe_outwards(struct ol_runtime_frame *frame);

/* Whether it runs a function's code, not a module's or a class's. Hot. */
bool ol_pyframe_is_function(const struct ol_runtime_frame *frame);

/* The first local of a frame (the first argument, as long as it is not assigned); NULL when there
 * is none. */
const void *ol_pyframe_first_local(const struct ol_runtime_frame *frame);

/* Where a frame's value stack starts; its slots into `slots`, their number returned. */
unsigned ol_pyframe_stack(const struct ol_runtime_frame *frame, const void **slots, unsigned max);

/* Its locals, cells and free variables, in that order (as the code object lists them); those that
 * are not bound are NULL. */
unsigned ol_pyframe_locals(const struct ol_runtime_frame *frame, const void **slots, unsigned max);

/* Qualified name as far as it can be known: co_qualname; before 3.11 by the generator, or by the
 * class of the first argument, or by what the caller has on its value stack; else co_name. */
bool ol_pyname_function(const struct ol_runtime_frame *frame, char *name, size_t size);

/* The value of the attribute `name` (an interned str) in the dict of a class; NULL without one. */
const void *ol_pydict_attribute(const void *dict, const void *name);

/* `__name__` among the first entries of a module's globals. */
bool ol_pydict_module_name(const void *globals, char *name, size_t size);

/* Whether an instance, which has the attribute `known`, has none of that name. False where it can't
 * be told. */
bool ol_pydict_lacks(const void *object, const char *known, const char *name);

/* Line of the instruction at byte offset `at` (-1: before the first) in a table of `size` bytes; 0
 * when it has none. */
uint32_t ol_pylines_find(enum ol_pylines format, const void *table, size_t size,
                         uint32_t first_line, int64_t at);
uint32_t ol_pylines_frame(const struct ol_runtime_frame *frame);

/* Whose code a file is, and its module's dotted name as far as the path tells. Pure. */
enum ol_owner_class ol_pypath_classify(const char *path, char *module, size_t size);

/* What a frame is to the verdict on its stack. */
enum ol_pyrole {
    OL_PYROLE_none,
    OL_PYROLE_boundary,
    OL_PYROLE_transparent,
    OL_PYROLE_fileless, /* "<string>": a program of `python -c`, or what a decorator generated */
    OL_PYROLE_entry,    /* "bin/uvicorn", which starts a package; a dataclass's own __init__ */
    OL_PYROLE_owned,    /* a library's frame that an owner rule tells from others */
    OL_PYROLE_import    /* and above: part of an import, see import.c */
};

/* A stack on its way to its verdict. */
struct ol_pyview {
    const struct ol_runtime_frame *frames;
    unsigned count;
    unsigned known;    /* frames looked at so far */
    unsigned boundary; /* count when there is none */
    struct ol_runtime_marks *marks;
};

/* The role of a function of that module in an import, or OL_PYROLE_none. Pure. */
enum ol_pyrole ol_pyimport_role(const char *module, const char *function,
                                enum ol_owner_class owner);

/* The outermost frame of the turn that imports, or OL_NO_INDEX. */
unsigned ol_pyimport_root(const struct ol_pyview *view);

/* Whether the import whose root that is made the call: its machinery, a hook, or what a module that
 * is not the user's does when it is loaded. */
bool ol_pyimport_makes(const struct ol_pyview *view, unsigned root);

/* What is imported, as its statement or call names it. */
void ol_pyimport_name(const struct ol_pyview *view, unsigned root, char *name, size_t size);

/* That str is the file name of code of the import machinery. */
void ol_pyimport_learn(const void *file);

/* What the culprit called to import: "import", "importlib.reload", … */
const char *ol_pyimport_api(const struct ol_pyview *view, unsigned root, unsigned culprit);

/* Whether this function of this module runs a loop's callbacks: what is further in belongs to the
 * turn. Pure. */
bool ol_pypath_is_boundary(const char *module, const char *function);

/* The public name of a callable: ("pathlib._local", "Path.read_text") gives
 * "pathlib.Path.read_text". `hidden`: it runs under a private name (a generator `_walk` behind
 * `os.walk`). Pure. */
void ol_pyalias_callable(struct ol_text *api, const char *module, const char *function,
                         bool hidden);

/* The public name of a C function as its module and type name it: "posix.stat" gives "os.stat".
 * Pure. */
void ol_pyalias_native(struct ol_text *api, const char *name);

/* The function that an address lies in, by .eh_frame_hdr, up to where the next one begins. False:
 * not known. */
struct ol_pynative_range {
    uintptr_t start, end;
};
bool ol_pynative_range(const void *inside, struct ol_pynative_range *range);

/* How many of the innermost frames the garbage collector runs: finalizers, weakref callbacks,
 * generators that it closes; 0 for what an object of C does at its end. OL_NO_INDEX: it does not
 * run, or the program called gc.collect(). */
unsigned ol_pycollector_frames(const struct ol_runtime_frame *frames, unsigned count,
                               void *const *native, unsigned native_count);

/* First instruction of the native function that a return address lies in, by .eh_frame_hdr; 0 when
 * not known. */
uintptr_t ol_pynative_start(const void *return_address);

/* The C function that the frame's code is calling, in public words; "" when it can't be told.
 * `guess`: where none is known to run, one that is alone in its neighbourhood will do. */
void ol_pynative_callee(struct ol_text *api, const struct ol_runtime_frame *frame,
                        void *const *native, unsigned count, bool guess);

/* Whether one of these objects, or what it holds, is the C function that the innermost frame is
 * calling. */
bool ol_pynative_runs(const void *const *objects, unsigned objects_count, void *const *native,
                      unsigned count);

/* Whether the frame calls what was given to it: by its arguments, or by its closure. `inside` is
 * the frame that it called; NULL: a C function. */
bool ol_pygiven_calls(const struct ol_runtime_frame *frame, const struct ol_runtime_frame *inside,
                      void *const *native, unsigned native_count);

#endif
