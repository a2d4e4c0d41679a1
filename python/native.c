/* SPDX-License-Identifier: MIT */
/* The C function that Python code is calling: it has no frame, but the frame's value stack still
 * holds the callable, and the native stack holds return addresses into its code. The contract is in
 * inside.h.
 *
 * Value stacks hold stale pointers above their top, so every object is read by ol_raw_peek, and a
 * callable counts when its code is known to run: when the function start of a native frame is its
 * entry. Where a compiler split or tail-called the function, the only callable from the
 * neighbourhood is taken instead. */
#include <elf.h>
#include <string.h>

#include "../detector/module.h"
#include "../detector/rawio.h"
#include "inside.h"

enum { MAX_SLOTS = 48, MAX_CALLABLES = 96, MAX_STARTS = 24, MAX_APART = 1 << 16 };

/* --- native functions --- */

static const char *eh_frame_header(const struct ol_module *module)
{
    const ElfW(Ehdr) *header = (const void *)module->start;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return NULL;
    const ElfW(Phdr) *segment = (const void *)(module->start + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++, segment++)
        if (segment->p_type == PT_GNU_EH_FRAME)
            return (const char *)(module->map->l_addr + segment->p_vaddr);
    return NULL;
}

struct search_entry { /* both relative to the header's start */
    int32_t function;
    int32_t description;
};

/* Encodings that every linker writes: the count as 4 bytes, the table as pairs of 4 bytes relative
 * to the header. */
enum { EH_VERSION = 1, EH_COUNT = 0x03, EH_TABLE = 0x3b };

bool ol_pynative_range(const void *inside, struct ol_pynative_range *range)
{
    struct ol_module module;
    const char *header = inside && ol_module_find(inside, &module) ? eh_frame_header(&module)
                                                                   : NULL;
    if (!header || header[0] != EH_VERSION || header[2] != EH_COUNT || header[3] != EH_TABLE)
        return false;
    uint32_t all;
    memcpy(&all, header + 8, sizeof all);
    const struct search_entry *table = (const void *)(header + 12);
    intptr_t wanted = (const char *)inside - header;
    uint32_t low = 0, high = all;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (table[middle].function <= wanted)
            low = middle;
        else
            high = middle;
    }
    if (!all || table[low].function > wanted)
        return false;
    range->start = (uintptr_t)header + (uintptr_t)(intptr_t)table[low].function;
    range->end = low + 1 < all ? (uintptr_t)header + (uintptr_t)(intptr_t)table[low + 1].function
                               : range->start + 1;
    return true;
}

uintptr_t ol_pynative_start(const void *return_address)
{
    struct ol_pynative_range range;
    const char *at = return_address;
    return ol_pynative_range(at - 1, &range) /* a call can be a function's last instruction */
               ? range.start
               : 0;
}

/* Starts of the functions between the call and the evaluator of the frame. */
static unsigned starts_of(void *const *native, unsigned count, uintptr_t starts[static MAX_STARTS])
{
    unsigned found = 0;
    for (unsigned i = 0; i < count && found < MAX_STARTS; i++) {
        uintptr_t start = ol_pynative_start(native[i]);
        if (start && start == (uintptr_t)ol_pyruntime.evaluator)
            break;
        if (start)
            starts[found++] = start;
    }
    return found;
}

/* --- callables --- */

struct callable {
    const void *object;
    enum {
        CALLS_NOTHING,
        CALLS_FUNCTION,
        CALLS_DESCRIPTOR,
        CALLS_TYPE,
        CALLS_NEXT,
        CALLS_ENTER
    } kind;
    uintptr_t entries[2];
};

enum {
    C_FUNCTION_METHOD = 16, /* PyCFunctionObject.m_ml, m_self, m_module */
    C_FUNCTION_SELF = 24,
    C_FUNCTION_MODULE = 32,
    DESCRIPTOR_TYPE = 16, /* PyMethodDescrObject.d_common.d_type, d_method */
    DESCRIPTOR_METHOD = 40,
    METHOD_ENTRY = 8, /* PyMethodDef.ml_meth; ml_name stands first */
    MAX_METHODS = 64,
    MAX_HELD = 16, /* fields that are looked at */
    TYPE_ON_HEAP = 1 << 9
};

static struct callable callable_of(const void *object)
{
    struct callable callable = {.object = object};
    const void *type = ol_pyread_pointer(object, OL_PYOBJECT_TYPE);
    if (!type)
        return callable;
    if (type == ol_pyruntime.c_function || type == ol_pyruntime.c_method) {
        callable.kind = CALLS_FUNCTION;
        const void *method = ol_pyread_pointer(object, C_FUNCTION_METHOD);
        callable.entries[0] = (uintptr_t)ol_pyread_pointer(method, METHOD_ENTRY);
    } else if (type == ol_pyruntime.method_descriptor ||
               type == ol_pyruntime.class_method_descriptor) {
        callable.kind = CALLS_DESCRIPTOR;
        const void *method = ol_pyread_pointer(object, DESCRIPTOR_METHOD);
        callable.entries[0] = (uintptr_t)ol_pyread_pointer(method, METHOD_ENTRY);
    } else if (ol_pyread_word(type, OL_PYTYPE_FLAGS) & OL_PYTYPE_IS_TYPE) {
        callable.kind = CALLS_TYPE;
        callable.entries[0] = (uintptr_t)ol_pyread_pointer(object, OL_PYTYPE_INIT);
        callable.entries[1] = (uintptr_t)ol_pyread_pointer(object, OL_PYTYPE_NEW);
    } else {
        callable.kind = CALLS_NEXT;
        callable.entries[0] = (uintptr_t)ol_pyread_pointer(type, OL_PYTYPE_ITERNEXT);
    }
    return callable;
}

/* What an object that can be called holds (a partial, a cache, wrapt's proxies: whatever it goes on
 * to is a field of it), and the first items of a tuple of arguments (`run(callback, *args)`). */
static unsigned held_by(const struct callable *callable, const void *held[static MAX_HELD])
{
    const void *object = callable->object;
    const void *type = ol_pyread_pointer(object, OL_PYOBJECT_TYPE);
    size_t first = OL_PYOBJECT_SIZE, end;
    if (callable->kind != CALLS_NEXT)
        return 0;
    if (type == ol_pyruntime.tuple) {
        size_t size = ol_pyread_word(object, OL_PYOBJECT_SIZE);
        first = OL_PYTUPLE_ITEMS;
        end = first + (size < 2 ? size : 2) * sizeof *held;
    } else {
        end = ol_pyread_pointer(type, OL_PYTYPE_CALL) ? ol_pyread_word(type, OL_PYTYPE_BASICSIZE)
                                                      : 0;
    }
    size_t count = end > first ? (end - first) / sizeof *held : 0;
    if (count > MAX_HELD)
        count = MAX_HELD;
    return ol_raw_peek((const char *)object + first, held, count * sizeof *held) ? (unsigned)count
                                                                                 : 0;
}

struct callables {
    unsigned count;
    struct callable items[MAX_CALLABLES];
};

/* An object and what it holds, two levels deep: a tuple of arguments with a partial in it. */
static void add_callable(struct callables *callables, const void *object, unsigned levels)
{
    const void *held[MAX_HELD];
    if ((uintptr_t)object % sizeof object || (uintptr_t)object < 4096 ||
        callables->count == MAX_CALLABLES)
        return;
    struct callable callable = callable_of(object);
    callables->items[callables->count++] = callable;
    unsigned held_count = levels ? held_by(&callable, held) : 0;
    for (unsigned i = 0; i < held_count; i++)
        add_callable(callables, held[i], levels - 1);
}

/* What stands on the value stack, from its top down. */
static void find_callables(const struct ol_runtime_frame *frame, struct callables *callables)
{
    const void *slots[MAX_SLOTS];
    callables->count = 0;
    for (unsigned i = ol_pyframe_stack(frame, slots, MAX_SLOTS); i; i--)
        add_callable(callables, slots[i - 1], 2);
}

/* --- which one runs --- */

static bool runs_exactly(const struct callable *callable, uintptr_t start)
{
    return callable->kind != CALLS_NOTHING &&
           (callable->entries[0] == start || callable->entries[1] == start);
}

/* Innermost native function first: `context.run(time.sleep, 1)` is time.sleep. */
static bool find_exact(const struct callables *callables, const uintptr_t *starts,
                       unsigned starts_count, struct callable *found)
{
    for (unsigned s = 0; s < starts_count; s++)
        for (unsigned i = 0; i < callables->count; i++)
            if (runs_exactly(&callables->items[i], starts[s])) {
                *found = callables->items[i];
                return true;
            }
    return false;
}

/* PyMethodDef */
struct method {
    const char *name;
    uintptr_t entry;
    int64_t flags;
    const char *doc;
};

static bool is_named(const struct method *method, const char *wanted)
{
    char name[16];
    return ol_pyread_chars(method->name, name, sizeof name) && strcmp(name, wanted) == 0;
}

/* Whether the __enter__ of a type written in C runs. */
static bool enters(const void *type, const uintptr_t *starts, unsigned starts_count)
{
    const char *methods = ol_pyread_pointer(type, OL_PYTYPE_METHODS);
    struct method method;
    for (unsigned i = 0; methods && i < MAX_METHODS; i++) {
        if (!ol_raw_peek(methods + i * sizeof method, &method, sizeof method) || !method.name)
            break;
        for (unsigned s = 0; s < starts_count; s++)
            if (method.entry == starts[s] && is_named(&method, "__enter__"))
                return true;
    }
    return false;
}

/* The object that a `with` may be entering: from 3.12 on it stands on the value stack itself,
 * before that its bound __exit__ does. */
static const void *manager_of(const struct callable *callable)
{
    struct method method;
    if (callable->kind == CALLS_NEXT)
        return callable->object;
    const void *exit = callable->kind == CALLS_FUNCTION
                           ? ol_pyread_pointer(callable->object, C_FUNCTION_METHOD)
                           : NULL;
    return exit && ol_raw_peek(exit, &method, sizeof method) && is_named(&method, "__exit__")
               ? ol_pyread_pointer(callable->object, C_FUNCTION_SELF)
               : NULL;
}

static bool find_entered(const struct callables *callables, const uintptr_t *starts,
                         unsigned starts_count, struct callable *found)
{
    for (unsigned i = 0; i < callables->count; i++) {
        const void *manager = manager_of(&callables->items[i]);
        if (manager && enters(ol_pyread_pointer(manager, OL_PYOBJECT_TYPE), starts, starts_count)) {
            *found = (struct callable){.object = manager, .kind = CALLS_ENTER};
            return true;
        }
    }
    return false;
}

static bool is_near(uintptr_t entry, const uintptr_t *starts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (entry - starts[i] < MAX_APART || starts[i] - entry < MAX_APART)
            return true;
    return false;
}

/* The only function or method whose code stands near code that runs, as one source file's functions
 * do. */
static bool find_only(const struct callables *callables, const uintptr_t *starts,
                      unsigned starts_count, struct callable *found)
{
    unsigned matches = 0;
    for (unsigned i = 0; i < callables->count; i++) {
        const struct callable *callable = &callables->items[i];
        if ((callable->kind != CALLS_FUNCTION && callable->kind != CALLS_DESCRIPTOR) ||
            !is_near(callable->entries[0], starts, starts_count))
            continue;
        if (matches && callable->entries[0] != found->entries[0])
            return false;
        matches++;
        *found = *callable;
    }
    return matches;
}

bool ol_pynative_runs(const void *const *objects, unsigned objects_count, void *const *native,
                      unsigned count)
{
    struct callables callables = {.count = 0};
    struct callable found;
    uintptr_t starts[MAX_STARTS];
    unsigned starts_count = starts_of(native, count, starts);
    for (unsigned i = 0; i < objects_count; i++)
        add_callable(&callables, objects[i], 2);
    return find_exact(&callables, starts, starts_count, &found);
}

/* --- its name --- */

/* A type's name, or that of the first base written in C when it is a Python class: those have no
 * module in tp_name. */
static void add_type(struct ol_text *name, const void *type)
{
    char own[128] = "";
    for (unsigned steps = 0; type && steps < 16; steps++) {
        if (!ol_pyread_chars(ol_pyread_pointer(type, OL_PYTYPE_NAME), own, sizeof own))
            return;
        if (strchr(own, '.') || !(ol_pyread_word(type, OL_PYTYPE_FLAGS) & TYPE_ON_HEAP))
            break;
        type = ol_pyread_pointer(type, OL_PYTYPE_BASE);
    }
    ol_text_add(name, own);
}

static void add_method(struct ol_text *name, const void *method)
{
    char own[128];
    if (!ol_pyread_chars(ol_pyread_pointer(method, 0), own, sizeof own))
        return;
    if (name->length)
        ol_text_add_char(name, '.');
    ol_text_add(name, own);
}

/* A module's function by its module; a bound method by the type of what it is bound to, which may
 * be a type itself. */
static void add_function(struct ol_text *name, const void *function)
{
    char module[128];
    const void *self = ol_pyread_pointer(function, C_FUNCTION_SELF);
    if (ol_pyread_str(ol_pyread_pointer(function, C_FUNCTION_MODULE), module, sizeof module)) {
        ol_text_add(name, module);
    } else if (self) {
        const void *type = ol_pyread_pointer(self, OL_PYOBJECT_TYPE);
        add_type(name, ol_pyread_word(type, OL_PYTYPE_FLAGS) & OL_PYTYPE_IS_TYPE ? self : type);
    }
    add_method(name, ol_pyread_pointer(function, C_FUNCTION_METHOD));
}

static void name_callable(struct ol_text *api, const struct callable *callable)
{
    char name[256];
    struct ol_text text = OL_TEXT(name);
    if (callable->kind == CALLS_FUNCTION) {
        add_function(&text, callable->object);
    } else if (callable->kind == CALLS_ENTER) {
        add_type(&text, ol_pyread_pointer(callable->object, OL_PYOBJECT_TYPE));
        ol_text_add(&text, ".__enter__");
    } else if (callable->kind == CALLS_DESCRIPTOR) {
        add_type(&text, ol_pyread_pointer(callable->object, DESCRIPTOR_TYPE));
        add_method(&text, ol_pyread_pointer(callable->object, DESCRIPTOR_METHOD));
    } else if (callable->kind == CALLS_TYPE) {
        add_type(&text, callable->object);
    } else {
        add_type(&text, ol_pyread_pointer(callable->object, OL_PYOBJECT_TYPE));
        ol_text_add(&text, ".__next__");
    }
    ol_pyalias_native(api, name);
}

void ol_pynative_callee(struct ol_text *api, const struct ol_runtime_frame *frame,
                        void *const *native, unsigned count, bool guess)
{
    struct callables callables;
    struct callable found = {.kind = CALLS_NOTHING};
    uintptr_t starts[MAX_STARTS];
    unsigned starts_count = starts_of(native, count, starts);
    find_callables(frame, &callables);
    if (find_exact(&callables, starts, starts_count, &found) ||
        find_entered(&callables, starts, starts_count, &found) ||
        (guess && find_only(&callables, starts, starts_count, &found)))
        name_callable(api, &found);
}
