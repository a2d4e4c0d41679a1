/* SPDX-License-Identifier: MIT */
/* Stacks. The only file that knows libunwind; called by the gate. The contract is in stack.h. */
#include "stack.h"

#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>
#include <pthread.h>
#include <string.h>

#include "../arch/arch.h"
#include "forking.h"
#include "hash.h"
#include "interceptor.h"
#include "module.h"
#include "pipeless.h"
#include "recorder.h"
#include "sandbox.h"
#include "signal_frame.h"

static int (*unwind)(void **buffer, int size); /* unw_backtrace */

/* The cursor interface, of which libunwind.h makes names of its own. */
static struct {
    int (*getcontext)(unw_tdep_context_t *context);
    int (*start)(unw_cursor_t *cursor, unw_context_t *context);
    int (*step)(unw_cursor_t *cursor);
    int (*get)(unw_cursor_t *cursor, int number, unw_word_t *value);
    int (*saved)(unw_cursor_t *cursor, int number, unw_save_loc_t *place);
    void (*flush)(unw_addr_space_t space, unw_word_t low, unw_word_t high);
    unw_addr_space_t *space;
    bool is_there;
} walk;

static _Atomic bool by_steps; /* code was unloaded at some time, or the cache can't be had */

/* Frame by frame: ten times slower than unw_backtrace, whose per-thread cache can't be emptied. */
static __attribute__((noinline)) int step_through(void *frames[static OL_STACK_MAX])
{
    unw_context_t context;
    unw_cursor_t cursor;
    unw_word_t address;
    int count = 0;
    if (!walk.is_there || OL_ARCH_FILL(walk.getcontext, &context) != 0 ||
        walk.start(&cursor, &context) != 0)
        return 0;
    while (count < OL_STACK_MAX && walk.step(&cursor) > 0 &&
           walk.get(&cursor, UNW_REG_IP, &address) == 0)
        frames[count++] = (void *)address;
    return count;
}

/* The cache of unw_backtrace takes one, and does not look whether it got it. */
static bool has_a_key(void)
{
    pthread_key_t key;
    return pthread_key_create(&key, NULL) == 0 && pthread_key_delete(key) == 0;
}

static bool may_cache(void)
{
    static _Atomic bool asked; /* twice does no harm */
    if (!asked) {
        if (!has_a_key())
            by_steps = true;
        asked = true;
    }
    return !by_steps;
}

static unsigned walk_stack(void *frames[static OL_STACK_MAX], bool again)
{
    if (!unwind || !ol_sandbox_lends())
        return 0;
    ol_forking_enter();
    int count = (walk.is_there && !again) || !may_cache() ? step_through(frames)
                                                          : unwind(frames, OL_STACK_MAX);
    ol_forking_leave();
    return count > 0 ? (unsigned)count : 0;
}

unsigned ol_stack_native(void *frames[static OL_STACK_MAX])
{
    return walk_stack(frames, true);
}

unsigned ol_stack_native_once(void *frames[static OL_STACK_MAX])
{
    return walk_stack(frames, false);
}

/* libunwind keeps locks while it looks something up; the thread that holds one is not here. */
void ol_stack_forked(void)
{
    if (!ol_forking_left_behind())
        return;
    unwind = NULL;
    walk.is_there = false;
    ol_recorder_blind_spot(
        "native stacks of a forked process",
        "forked while another thread's stack was read: only the caller is known");
}

#define STRING_OF(name) STRING_OF_EXPANDED(name)
#define STRING_OF_EXPANDED(name) #name

typedef void *loader(const char *file, int flags);

/* With its own view of the C library. Through the program's view a sanitizer would see its locks,
 * in threads of which the sanitizer has let go, and its thread-local memory, which it takes for
 * something else. The sanitizer's dlopen() refuses that view, so the C library's own is called; the
 * next one, not our own export, which judges, is to find it. */
static void *load_library(const char *name)
{
    loader *next, *own = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    void *libc = next ? next("libc.so.6", RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (libc)
        *(void **)&own = dlsym(libc, "dlopen");
    if (own)
        return own(name, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    return next ? next(name, RTLD_NOW | RTLD_LOCAL) : NULL; /* before glibc 2.34 */
}

bool ol_stack_load(void)
{
    static bool tried;
    if (tried)
        return unwind != NULL;
    ol_forking_enter();
    void *library = load_library("libunwind.so.8");
    ol_forking_leave();
    if (library)
        *(void **)&unwind = dlsym(library, "unw_backtrace");
    if (library) {
        ol_pipeless_make(library);
        *(void **)&walk.start = dlsym(library, STRING_OF(UNW_OBJ(init_local)));
        *(void **)&walk.step = dlsym(library, STRING_OF(UNW_OBJ(step)));
        *(void **)&walk.get = dlsym(library, STRING_OF(UNW_OBJ(get_reg)));
        *(void **)&walk.saved = dlsym(library, STRING_OF(UNW_OBJ(get_save_loc)));
        *(void **)&walk.flush = dlsym(library, STRING_OF(UNW_ARCH_OBJ(flush_cache)));
        *(void **)&walk.space = dlsym(library, STRING_OF(UNW_OBJ(local_addr_space)));
        *(void **)&walk.getcontext = dlsym(library, OL_ARCH_CONTEXT);
        walk.is_there = walk.start && walk.step && walk.get &&
                        (!OL_ARCH_CONTEXT[0] || walk.getcontext);
    }
    tried = true; /* now: the child of a fork in between loads it anew */
    return unwind != NULL;
}

bool ol_stack_warm(void)
{
    static void *frames[OL_STACK_MAX];
    return ol_stack_load() && ol_stack_native_once(frames);
}

/* Return addresses from the caller of the wrapped function outwards: our own frames are dropped,
 * those of a sanitizer that is linked into the caller, and what a signal has interrupted. */
static unsigned native_frames(struct ol_stack *stack)
{
    void **frames = stack->native;
    const void *caller = stack->caller;
    unsigned all = walk_stack(frames, !stack->python_count);
    unsigned count = ol_signal_cut(frames, all);
    unsigned first = 0;
    stack->interrupted = count < all;
    while (first < count && frames[first] != caller)
        first++;
    if (first >= count) {
        memcpy(frames, &caller, sizeof caller);
        return 1;
    }
    first += ol_interceptor_frames(frames + first, count - first);
    memmove(frames, frames + first, sizeof *frames * (count - first));
    return count - first;
}

static uint64_t start_of(const void *caller)
{
    return ol_hash_mix(OL_HASH_START, (uintptr_t)caller);
}

uint64_t ol_stack_hash_python(const void *caller)
{
    return ol_python_mix(start_of(caller), OL_PYTHON_MAX);
}

void ol_stack_add_native(struct ol_stack *stack)
{
    if (!stack->native_count)
        stack->native_count = native_frames(stack);
}

static uint64_t add_native(uint64_t hash, const struct ol_stack *stack)
{
    for (unsigned i = 0; i < stack->native_count; i++)
        hash = ol_hash_mix(hash, (uintptr_t)stack->native[i]);
    return hash;
}

bool ol_stack_learn_signals(struct ol_stack *stack)
{
    ol_stack_add_native(stack);
    if (!ol_signal_learn(stack->native, stack->native_count))
        return false;
    unsigned count = ol_signal_cut(stack->native, stack->native_count);
    stack->interrupted |= count < stack->native_count;
    stack->native_count = count;
    if (!stack->python_count)
        stack->hash = add_native(start_of(stack->caller), stack);
    return !stack->python_count;
}

void ol_stack_capture(struct ol_stack *stack, const void *caller)
{
    stack->caller = caller;
    stack->native_count = 0;
    stack->python_count = ol_python_walk(stack->python, OL_PYTHON_MAX);
    uint64_t hash = ol_python_mix_frames(start_of(caller), stack->python, stack->python_count);
    if (!stack->python_count) {
        ol_stack_add_native(stack);
        hash = add_native(hash, stack);
    }
    stack->hash = hash;
}

/* Where the return address stands by which the cursor stepped last; `top` is the stack pointer
 * there. NULL: nowhere. */
static const uintptr_t *cell_below(unw_cursor_t *cursor, unw_word_t top)
{
    unw_save_loc_t place;
    if (OL_ARCH_LINK < 0)
        return (const uintptr_t *)top - 1;
    if (!walk.saved || walk.saved(cursor, OL_ARCH_LINK, &place) != 0 ||
        place.type != UNW_SLT_MEMORY)
        return NULL;
    return (const uintptr_t *)place.u.addr;
}

static void visit_frames(ol_stack_visitor *visit, void *context)
{
    unw_context_t machine;
    unw_cursor_t cursor;
    unw_word_t address = 0;
    unw_word_t outer = 0;
    unw_word_t top = 0;
    if (OL_ARCH_FILL(walk.getcontext, &machine) != 0 || walk.start(&cursor, &machine) != 0 ||
        walk.get(&cursor, UNW_REG_IP, &address) != 0)
        return;
    for (unsigned i = 0; i < OL_STACK_MAX; i++, address = outer) {
        if (walk.step(&cursor) <= 0 || walk.get(&cursor, UNW_REG_SP, &top) != 0 ||
            walk.get(&cursor, UNW_REG_IP, &outer) != 0)
            return;
        struct ol_stack_cell cell = {cell_below(&cursor, top), outer};
        if (!visit(context, address, cell))
            return;
    }
}

void ol_stack_visit(ol_stack_visitor *visit, void *context)
{
    if (!walk.is_there || !ol_sandbox_lends())
        return;
    ol_forking_enter();
    visit_frames(visit, context);
    ol_forking_leave();
}

void ol_stack_forget(void)
{
    ol_module_forget();
    if (walk.flush && walk.space)
        walk.flush(*walk.space, 0, 0);
    by_steps = true;
}
