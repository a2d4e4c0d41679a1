/* Stacks. The only file that knows libunwind; called by the gate. The contract is in stack.h. */
#include "stack.h"

#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>
#include <pthread.h>
#include <string.h>

#include "forking.h"
#include "hash.h"
#include "module.h"
#include "owner_rule.h"
#include "pipeless.h"
#include "recorder.h"

static int (*unwind)(void **buffer, int size); /* unw_backtrace */

/* The cursor interface, of which libunwind.h makes names of its own. */
static struct {
    int (*getcontext)(unw_tdep_context_t *context);
    int (*start)(unw_cursor_t *cursor, unw_context_t *context);
    int (*step)(unw_cursor_t *cursor);
    int (*get)(unw_cursor_t *cursor, int number, unw_word_t *value);
    void (*flush)(unw_addr_space_t space, unw_word_t low, unw_word_t high);
    unw_addr_space_t *space;
} walk;

static bool unloaded; /* code was, at some time: see ol_stack_forget */

/* Frame by frame: ten times slower than unw_backtrace, whose per-thread cache can't be emptied. */
static __attribute__((noinline)) int step_through(void *frames[static OL_STACK_MAX])
{
    unw_context_t context;
    unw_cursor_t cursor;
    unw_word_t address;
    int count = 0;
    if (!walk.getcontext || walk.getcontext(&context) != 0 || walk.start(&cursor, &context) != 0)
        return 0;
    while (count < OL_STACK_MAX && walk.step(&cursor) > 0 &&
           walk.get(&cursor, UNW_REG_IP, &address) == 0)
        frames[count++] = (void *)address;
    return count;
}

unsigned ol_stack_native(void *frames[static OL_STACK_MAX])
{
    if (!unwind)
        return 0;
    ol_forking_enter();
    int count = unloaded ? step_through(frames) : unwind(frames, OL_STACK_MAX);
    ol_forking_leave();
    return count > 0 ? (unsigned)count : 0;
}

/* libunwind keeps locks while it looks something up; the thread that holds one is not here. */
void ol_stack_forked(void)
{
    if (!ol_forking_left_behind())
        return;
    unwind = NULL;
    walk.getcontext = NULL;
    ol_recorder_blind_spot(
        "native stacks of a forked process",
        "forked while another thread's stack was read: only the caller is known");
}

#define STRING_OF(name) STRING_OF_EXPANDED(name)
#define STRING_OF_EXPANDED(name) #name

static bool has_a_key(void)
{
    pthread_key_t key;
    return pthread_key_create(&key, NULL) == 0 && pthread_key_delete(key) == 0;
}

bool ol_stack_load(void)
{
    static bool tried;
    if (tried)
        return unwind != NULL;
    void *(*load)(const char *file, int flags); /* not our own export, which judges */
    *(void **)&load = dlsym(RTLD_NEXT, "dlopen");
    if (!load || !has_a_key()) /* libunwind takes one, and does not look whether it got it */
        return false;
    ol_forking_enter();
    void *library = load("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    ol_forking_leave();
    if (library)
        *(void **)&unwind = dlsym(library, "unw_backtrace");
    if (library) {
        ol_pipeless_make(library);
        *(void **)&walk.start = dlsym(library, STRING_OF(UNW_OBJ(init_local)));
        *(void **)&walk.step = dlsym(library, STRING_OF(UNW_OBJ(step)));
        *(void **)&walk.get = dlsym(library, STRING_OF(UNW_OBJ(get_reg)));
        *(void **)&walk.flush = dlsym(library, STRING_OF(UNW_ARCH_OBJ(flush_cache)));
        *(void **)&walk.space = dlsym(library, STRING_OF(UNW_OBJ(local_addr_space)));
#ifdef __x86_64__
        *(void **)&walk.getcontext = dlsym(library, STRING_OF(UNW_ARCH_OBJ(getcontext)));
#endif
    }
    tried = true; /* now: the child of a fork in between loads it anew */
    static void *warm[OL_STACK_MAX];
    ol_stack_native(warm);
    return unwind != NULL;
}

/* Return addresses from the caller of the wrapped function outwards: our own frames are dropped. */
static unsigned native_frames(void *frames[static OL_STACK_MAX], const void *caller)
{
    unsigned count = ol_stack_native(frames);
    unsigned first = 0;
    while (first < count && frames[first] != caller)
        first++;
    if (first >= count) {
        memcpy(frames, &caller, sizeof caller);
        return 1;
    }
    memmove(frames, frames + first, sizeof *frames * (count - first));
    return count - first;
}

static uint64_t start_of(const void *caller)
{
    return ol_hash_mix(OL_HASH_START, (uintptr_t)caller);
}

uint64_t ol_stack_hash_python(const void *caller)
{
    return ol_python_mix(start_of(caller), OL_STACK_MAX);
}

void ol_stack_capture(struct ol_stack *stack, const void *caller)
{
    stack->caller = caller;
    stack->native_count = 0;
    stack->python_count = ol_python_walk(stack->python, OL_STACK_MAX);
    uint64_t hash = ol_python_mix_frames(start_of(caller), stack->python, stack->python_count);
    if (!stack->python_count) {
        stack->native_count = native_frames(stack->native, caller);
        for (unsigned i = 0; i < stack->native_count; i++)
            hash = ol_hash_mix(hash, (uintptr_t)stack->native[i]);
    }
    stack->hash = hash;
}

void ol_stack_add_native(struct ol_stack *stack)
{
    if (stack->python_count && !stack->native_count)
        stack->native_count = native_frames(stack->native, stack->caller);
}

static enum ol_owner_class describe_native(void *address, struct ol_frame_entry *entry)
{
    struct ol_module module;
    *entry = (struct ol_frame_entry){
        .kind = OL_FRAME_native, .module = OL_NO_INDEX, .offset = (uintptr_t)address};
    /* A return address may be the first byte after a function that ends in a call: look one back.
     */
    if (!ol_module_find((const char *)address - 1, &module))
        return OL_CODE_user; /* code made at run time: a JIT's */
    enum ol_owner_class owner_class = ol_module_class(&module);
    entry->module = ol_recorder_module((const char *)address - 1);
    entry->offset = (uintptr_t)address - module.map->l_addr;
    const char *symbol = ol_module_symbol(&module, (const char *)address - 1);
    entry->function = ol_recorder_string(symbol);
    if (owner_class == OL_CODE_user && ol_module_symbol_is_standard(symbol))
        owner_class = OL_CODE_stdlib;
    entry->owner_class = (uint8_t)owner_class;
    return owner_class;
}

static void describe_python(const struct ol_pyframe *frame, struct ol_frame_entry *entry)
{
    struct ol_pyframe_words words;
    *entry = (struct ol_frame_entry){.kind = OL_FRAME_python, .module = OL_NO_INDEX};
    if (!ol_python_describe(frame, &words))
        return;
    entry->owner_class = (uint8_t)words.owner_class;
    entry->line = words.line;
    entry->function = ol_recorder_string(words.function);
    entry->file = ol_recorder_string(words.file);
    entry->module_name = ol_recorder_string(words.module);
    char name[256];
    struct ol_text owner = OL_TEXT(name);
    if (ol_owner_rule_find(words.file, &owner))
        entry->owner = ol_recorder_string(name);
}

/* The name that a module was loaded by is asked for where an id is made of it: of the culprit's. */
static void note_module(const struct ol_pyframe *frame, struct ol_frame_entry *entry)
{
    char name[256];
    if (ol_python_module_name(frame, name, sizeof name))
        entry->loaded_as = ol_recorder_string(name);
}

/* Before the frame that stands for the collector: the finalizer, or weakref's and the one that it
 * calls. */
static unsigned first_that_counts(const struct ol_stack_words *words, unsigned native)
{
    if (words->culprit == OL_NO_INDEX)
        return 0;
    if (!words->python.collected)
        return words->culprit;
    return words->culprit >= native + 2 ? words->culprit - 2u : native;
}

static void note_modules(const struct ol_stack *stack, unsigned native,
                         struct ol_stack_words *words)
{
    unsigned end = words->culprit + !words->python.collected;
    for (unsigned i = first_that_counts(words, native); i >= native && i < end; i++)
        note_module(&stack->python[i - native], &words->frames[i]);
}

/* The line in which the collector began has no part in it: the stack ends with a frame that stands
 * for it. Its index. */
static unsigned end_in_collector(struct ol_stack_words *words, unsigned at, unsigned depth)
{
    at = at < depth ? at : depth - 1;
    words->frames[at] = (struct ol_frame_entry){
        .kind = OL_FRAME_python,
        .owner_class = OL_CODE_stdlib,
        .module = OL_NO_INDEX,
        .function = ol_recorder_string(OL_COLLECTOR_FUNCTION),
        .module_name = ol_recorder_string(OL_COLLECTOR_MODULE),
    };
    words->count = at + 1;
    return at;
}

/* Native frames of a Python thread matter up to the interpreter: what the extension module did. */
static bool is_interpreter(const void *address)
{
    struct ol_module module;
    struct ol_module interpreter;
    const void *known = ol_python_address();
    return known && ol_module_find(address, &module) && ol_module_find(known, &interpreter) &&
           module.map == interpreter.map;
}

static void describe_native_part(struct ol_stack *stack, unsigned depth,
                                 struct ol_stack_words *words)
{
    for (unsigned i = 0; i < stack->native_count && words->count < depth; i++) {
        if (stack->python_count && is_interpreter((const char *)stack->native[i] - 1))
            break;
        describe_native(stack->native[i], &words->frames[words->count++]);
    }
}

/* The nearest frame of the user's; failing that of an installed library; not past the loop that
 * runs the callback. */
static uint16_t native_culprit(const struct ol_stack_words *words)
{
    uint16_t library = OL_NO_INDEX;
    for (uint16_t i = 0; i < words->count; i++) {
        switch (words->frames[i].owner_class) {
        case OL_CODE_user:
            return i;
        case OL_CODE_unknown:
            return i;
        case OL_CODE_library:
            if (library == OL_NO_INDEX)
                library = i;
            break;
        case OL_CODE_framework:
            if (library != OL_NO_INDEX)
                return library;
            break;
        default:
            break;
        }
    }
    return library != OL_NO_INDEX || !words->count ? library : 0;
}

/* The words of a frame, for a hash that is the same in every process of the program. */
static uint64_t frame_hash(uint64_t hash, const struct ol_frame_entry *frame)
{
    if (frame->kind == OL_FRAME_native)
        return ol_hash_mix(hash, frame->offset * 31 + frame->module);
    hash = ol_hash_string(hash, ol_recorder_string_at(frame->file));
    hash = ol_hash_string(hash, ol_recorder_string_at(frame->function));
    return ol_hash_mix(hash, frame->line);
}

/* `native` frames stand before those of Python. */
static unsigned frames_of_turn(const struct ol_stack *stack, const struct ol_stack_cell *runner,
                               unsigned native, const struct ol_stack_words *words)
{
    for (unsigned i = 0; runner && i < native; i++)
        if ((uintptr_t)stack->native[i] == runner->value)
            return i;
    unsigned turn = stack->python_count ? native + words->python.turn : native;
    return turn < words->count ? turn : words->count;
}

void ol_stack_describe(struct ol_stack *stack, const struct ol_pyanchor *anchor,
                       const struct ol_stack_cell *runner, unsigned depth,
                       struct ol_stack_words *words)
{
    memset(&words->python, 0, sizeof words->python);
    words->count = 0;
    ol_stack_add_native(stack);
    describe_native_part(stack, depth, words);
    unsigned native = words->count;
    for (unsigned i = 0; i < stack->python_count && words->count < depth; i++)
        describe_python(&stack->python[i], &words->frames[words->count++]);
    if (stack->python_count) {
        ol_python_judge(anchor, stack->python, stack->python_count, stack->native,
                        stack->native_count, &words->python);
        unsigned culprit = words->python.culprit + native;
        if (words->python.collected)
            culprit = end_in_collector(words, culprit, depth);
        words->culprit = words->python.culprit != OL_NO_INDEX && culprit < words->count
                             ? (uint16_t)culprit
                             : OL_NO_INDEX;
        if (words->culprit != OL_NO_INDEX)
            note_modules(stack, native, words);
    } else {
        words->culprit = native_culprit(words);
    }
    words->turn = (uint16_t)frames_of_turn(stack, runner, native, words);
    uint64_t key = OL_HASH_START;
    for (unsigned i = first_that_counts(words, native); i < words->count; i++)
        key = frame_hash(key, &words->frames[i]);
    words->key = key;
}

/* x86-64: the caller's stack pointer is right above the cell. Elsewhere return addresses are where
 * the function liked to put them: no cell. */
static void visit_frames(ol_stack_visitor *visit, void *context)
{
    unw_context_t machine;
    unw_cursor_t cursor;
    unw_word_t address = 0;
    unw_word_t outer = 0;
    unw_word_t top = 0;
    if (walk.getcontext(&machine) != 0 || walk.start(&cursor, &machine) != 0 ||
        walk.get(&cursor, UNW_REG_IP, &address) != 0)
        return;
    for (unsigned i = 0; i < OL_STACK_MAX; i++, address = outer) {
        if (walk.step(&cursor) <= 0 || walk.get(&cursor, UNW_REG_SP, &top) != 0 ||
            walk.get(&cursor, UNW_REG_IP, &outer) != 0)
            return;
        struct ol_stack_cell cell = {(const uintptr_t *)top - 1, outer};
        if (!visit(context, address, cell))
            return;
    }
}

void ol_stack_visit(ol_stack_visitor *visit, void *context)
{
    if (!walk.getcontext)
        return;
    ol_forking_enter();
    visit_frames(visit, context);
    ol_forking_leave();
}

void ol_stack_forget(void)
{
    if (walk.flush && walk.space)
        walk.flush(*walk.space, 0, 0);
    unloaded = true;
}
