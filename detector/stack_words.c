/* SPDX-License-Identifier: MIT */
/* Stacks in words. The contract is in stack.h. */
#include <string.h>

#include "forking.h"
#include "hash.h"
#include "module.h"
#include "owner_rule.h"
#include "recorder.h"
#include "stack.h"

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

static void describe_frame(const struct ol_stack *stack, unsigned index,
                           struct ol_frame_entry *entry)
{
    struct ol_frame_words words;
    *entry = (struct ol_frame_entry){.kind = (uint8_t)stack->runtime->kind, .module = OL_NO_INDEX};
    if (!stack->runtime->describe(&stack->frames[index], &words))
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
static void note_module(const struct ol_stack *stack, unsigned index, struct ol_frame_entry *entry)
{
    char name[256];
    const struct ol_runtime *runtime = stack->runtime;
    if (runtime->module_name && runtime->module_name(&stack->frames[index], name, sizeof name))
        entry->loaded_as = ol_recorder_string(name);
}

/* The line in which the collector began has no part in it: the stack ends with a frame that stands
 * for it. Its index. */
static unsigned end_in_collector(const struct ol_stack *stack, struct ol_stack_words *words,
                                 unsigned at, unsigned depth)
{
    at = at < depth ? at : depth - 1;
    words->frames[at] = (struct ol_frame_entry){
        .kind = (uint8_t)stack->runtime->kind,
        .owner_class = OL_CODE_stdlib,
        .module = OL_NO_INDEX,
        .function = ol_recorder_string(OL_COLLECTOR_FUNCTION),
        .module_name = ol_recorder_string(OL_COLLECTOR_MODULE),
    };
    words->count = at + 1;
    return at;
}

/* Native frames of a thread that runs a language matter up to its interpreter: what the extension
 * module did. */
static bool is_interpreter(const struct ol_stack *stack, const void *address)
{
    const void *known = stack->runtime ? stack->runtime->address() : NULL;
    return known && ol_module_is_same(address, known);
}

/* False of a C function that handles a signal: the runtime's frames are then those of what
 * it interrupted. */
static bool has_interpreter(const struct ol_stack *stack)
{
    for (unsigned i = 0; i < stack->native_count; i++)
        if (is_interpreter(stack, (const char *)stack->native[i] - 1))
            return true;
    return false;
}

struct native_part {
    const struct ol_stack *stack;
    unsigned depth;
    struct ol_stack_words *words;
};

static void describe_frames(void *context)
{
    const struct native_part *part = context;
    const struct ol_stack *stack = part->stack;
    struct ol_stack_words *words = part->words;
    for (unsigned i = 0; i < stack->native_count && words->count < part->depth; i++) {
        if (stack->count && is_interpreter(stack, (const char *)stack->native[i] - 1))
            break;
        describe_native(stack->native[i], &words->frames[words->count++]);
    }
}

/* A frame that was taken for one by mistake may be anywhere: in what another thread unloads. */
static void describe_native_part(struct ol_stack *stack, unsigned depth,
                                 struct ol_stack_words *words)
{
    struct native_part part = {stack, depth, words};
    ol_forking_enter();
    ol_module_hold(describe_frames, &part);
    ol_forking_leave();
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

static uint64_t add_frame(uint64_t key, const struct ol_frame_entry *frame)
{
    if (frame->kind == OL_FRAME_native)
        return ol_hash_mix(key, frame->offset * 31 + frame->module);
    key = ol_hash_string(key, ol_recorder_string_at(frame->file));
    key = ol_hash_string(key, ol_recorder_string_at(frame->function));
    return ol_hash_mix(key, frame->line);
}

/* Before the frame that stands for the collector: the finalizer, or weakref's and the one that it
 * calls. */
static unsigned frames_before(const struct ol_verdict *verdict)
{
    unsigned back = verdict->collected ? 2 : 0;
    return verdict->culprit < back ? verdict->culprit : back;
}

/* What tells a place from others, by words that are the same in every process of the program. A
 * function of a language is blamed for a line of its own, whoever called it. Native frames may be
 * somebody else's code by what only the command finds out (inlined functions, JavaScript): all of
 * them tell. */
static uint64_t key_of(const struct ol_stack_words *words)
{
    bool known = words->culprit != OL_NO_INDEX;
    unsigned first = known ? words->culprit : 0;
    unsigned end = words->count;
    if (known && words->frames[first].kind != OL_FRAME_native) {
        unsigned before = frames_before(&words->verdict);
        end = first + 1;
        first = first < before ? 0 : first - before;
    }
    uint64_t key = OL_HASH_START;
    for (unsigned i = first; i < end; i++)
        key = add_frame(key, &words->frames[i]);
    return key;
}

/* Which of the runtime's frames are kept beside native ones: all, or those that the call was made
 * in, and the culprit with those that called it. */
struct kept {
    unsigned inner;  /* the innermost ones */
    unsigned missed; /* those in between */
    unsigned end;    /* none from this one on */
};

/* `room` is for one frame at the least. */
static struct kept choose_frames(const struct ol_stack *stack, const struct ol_verdict *verdict,
                                 unsigned room)
{
    unsigned culprit = verdict->culprit;
    struct kept kept = {.inner = stack->count, .end = stack->count};
    if (verdict->collected)
        kept.inner = kept.end = culprit;
    if (culprit == OL_NO_INDEX || culprit < room)
        return kept;
    unsigned wanted = 1 + (room > 4 ? frames_before(verdict) : 0);
    kept.inner = room > wanted + 1 ? (room - wanted) / 2 : 0;
    kept.missed = culprit + 1 - wanted - kept.inner;
    return kept;
}

static void describe_gap(const struct ol_stack *stack, unsigned missed,
                         struct ol_frame_entry *entry)
{
    char words[48];
    struct ol_text text = OL_TEXT(words);
    ol_text_add(&text, "(");
    ol_text_add_unsigned(&text, missed);
    ol_text_add(&text, " frames more)");
    *entry = (struct ol_frame_entry){.kind = (uint8_t)stack->runtime->kind, .module = OL_NO_INDEX};
    entry->function = ol_recorder_string(words);
}

/* The index in words of frame number `index`. */
static unsigned place_of(struct kept kept, unsigned native, unsigned index)
{
    if (!kept.missed || index < kept.inner)
        return native + index;
    unsigned gap = kept.inner ? 1 : 0;
    return index < kept.inner + kept.missed ? native + kept.inner
                                            : native + index - kept.missed + gap;
}

static void describe_runtime_part(const struct ol_stack *stack, struct kept kept, unsigned depth,
                                  struct ol_stack_words *words)
{
    unsigned i = 0;
    for (; i < kept.inner && words->count < depth; i++)
        describe_frame(stack, i, &words->frames[words->count++]);
    if (kept.missed && kept.inner && words->count < depth)
        describe_gap(stack, kept.missed, &words->frames[words->count++]);
    for (i += kept.missed; i < kept.end && words->count < depth; i++)
        describe_frame(stack, i, &words->frames[words->count++]);
}

/* The index behind the last frame of the turn, and how many native frames stand before the
 * runtime's. */
struct parts {
    unsigned turn;
    unsigned native;
};

/* The names that the modules of the frames were loaded by that an id is made of. */
static void note_modules(const struct ol_stack *stack, struct ol_stack_words *words)
{
    const struct ol_verdict *verdict = &words->verdict;
    unsigned end = verdict->culprit + !verdict->collected;
    for (unsigned i = verdict->culprit - frames_before(verdict); i < end; i++) {
        unsigned back = verdict->culprit - i;
        if (back > words->culprit)
            continue;
        struct ol_frame_entry *entry = &words->frames[words->culprit - back];
        if (entry->kind != OL_FRAME_native)
            note_module(stack, i, entry);
    }
}

static struct parts describe_all(struct ol_stack *stack, const struct ol_anchor *anchor,
                                 unsigned depth, struct ol_stack_words *words)
{
    const struct ol_runtime_stack judged = {.frames = stack->frames,
                                            .count = stack->count,
                                            .native = stack->native,
                                            .native_count = stack->native_count,
                                            .marks = &stack->marks};
    stack->runtime->judge(anchor, &judged, &words->verdict);
    unsigned culprit = words->verdict.culprit;
    describe_native_part(stack, depth - 1, words);
    struct parts parts = {.native = words->count};
    struct kept kept = choose_frames(stack, &words->verdict, depth - parts.native);
    describe_runtime_part(stack, kept, depth, words);
    parts.turn = place_of(kept, parts.native, words->verdict.turn);
    if (culprit == OL_NO_INDEX)
        return parts;
    words->culprit = (uint16_t)place_of(kept, parts.native, culprit);
    if (words->verdict.collected)
        end_in_collector(stack, words, words->culprit, depth);
    note_modules(stack, words);
    return parts;
}

static struct parts describe_plain(struct ol_stack *stack, unsigned depth,
                                   struct ol_stack_words *words)
{
    describe_native_part(stack, depth, words);
    words->culprit = native_culprit(words);
    return (struct parts){.turn = words->count, .native = words->count};
}

static unsigned frames_of_turn(const struct ol_stack *stack, const struct ol_stack_cell *runner,
                               struct parts parts, const struct ol_stack_words *words)
{
    for (unsigned i = 0; runner && i < parts.native; i++)
        if ((uintptr_t)stack->native[i] == runner->value)
            return i;
    return parts.turn < words->count ? parts.turn : words->count;
}

void ol_stack_describe(struct ol_stack *stack, const struct ol_anchor *anchor,
                       const struct ol_stack_cell *runner, unsigned depth,
                       struct ol_stack_words *words)
{
    memset(&words->verdict, 0, sizeof words->verdict);
    words->verdict.culprit = OL_NO_INDEX;
    words->count = 0;
    words->culprit = OL_NO_INDEX;
    ol_stack_add_native(stack);
    if (stack->interrupted && !has_interpreter(stack))
        stack->count = 0;
    struct parts parts = stack->count ? describe_all(stack, anchor, depth, words)
                                      : describe_plain(stack, depth, words);
    words->turn = (uint16_t)frames_of_turn(stack, runner, parts, words);
    words->key = key_of(words);
}
