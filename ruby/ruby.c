/* SPDX-License-Identifier: MIT */
/* Ruby's frames: finding the interpreter, proving that its memory looks as the table says, and the
 * hot walk. Ruby's row in the table of runtimes (detector/runtimes.def).
 *
 * One thread looks at a time, and nothing that it writes is read by others before it has stored
 * `state`. A thread without frames can prove nothing: the question then stays open for the next
 * one. */
#include "inside.h"

#include <errno.h>
#include <string.h>

#include "../detector/hash.h"
#include "../detector/module.h"
#include "../detector/rawio.h"
#include "../detector/symbol.h"
#include "../detector/work.h"

enum state { OPEN, LOOKING, READY, TROUBLE };

struct ol_rbruntime ol_rbruntime;
static struct ol_work looking; /* its state is an enum state */
static char version[16];
static char trouble[160];

static const struct ol_rblayout layouts[] = {
    {.minor = 1, .frame_size = 64, .string_inside = 16, .short_length = true},
    {.minor = 2, .frame_size = 64, .string_inside = 24},
    {.minor = 3, .frame_size = 56, .string_inside = 24},
    {.minor = 4, .frame_size = 56, .string_inside = 24},
};

/* --- the hot path --- */

static inline uintptr_t word_at(const void *base, ptrdiff_t offset)
{
    uintptr_t word;
    memcpy(&word, (const char *)base + offset, sizeof word);
    return word;
}

static inline const void *pointer_at(const void *base, ptrdiff_t offset)
{
    return (const void *)word_at(base, offset);
}

/* The frames of the calling thread, or of the fiber that it runs: those from `at` to `end`. */
struct chain {
    const char *at, *end;
};

static inline struct chain own_chain(void)
{
    const void *ec = pointer_at(__builtin_thread_pointer(), ol_rbruntime.ec);
    const char *stack = ec ? pointer_at(ec, OL_RBEC_STACK) : NULL;
    if (!stack)
        return (struct chain){NULL, NULL};
    return (struct chain){pointer_at(ec, OL_RBEC_FRAME),
                          stack + word_at(ec, OL_RBEC_STACK_WORDS) * sizeof(uintptr_t)};
}

/* False for what is no function: the chain's own ends, and blocks that are written in C. */
static inline bool load_frame(const char *at, struct ol_runtime_frame *frame)
{
    const void *environment = pointer_at(at, OL_RBFRAME_EP);
    if (!environment)
        return false;
    uintptr_t flags = word_at(environment, 0);
    frame->frame = at;
    if (!(flags & OL_RBFRAME_IN_C)) {
        frame->code = pointer_at(at, OL_RBFRAME_ISEQ);
        frame->where = word_at(at, OL_RBFRAME_PC);
        return frame->code && frame->where && (flags & OL_RBFRAME_KIND) != OL_RBFRAME_BEGINNING;
    }
    frame->code = pointer_at(environment, -2 * (ptrdiff_t)sizeof(uintptr_t));
    frame->where = 0;
    return frame->code && (flags & OL_RBFRAME_KIND) == OL_RBFRAME_FUNCTION_IN_C;
}

/* The next one outwards; false at the end. */
static inline bool next_frame(struct chain *chain, struct ol_runtime_frame *frame)
{
    while (chain->at && chain->at < chain->end) {
        const char *at = chain->at;
        chain->at += ol_rbruntime.layout.frame_size;
        if (load_frame(at, frame))
            return true;
    }
    return false;
}

static unsigned walk(struct ol_runtime_frame *frames, unsigned max)
{
    struct chain chain = own_chain();
    unsigned count = 0;
    while (count < max && next_frame(&chain, &frames[count]))
        count++;
    return count;
}

/* Code that was freed lends its address to the next: the label of that is another object. */
static inline uint64_t mix(uint64_t hash, const struct ol_runtime_frame *frame)
{
    uintptr_t stamp = 0;
    if (frame->where)
        stamp = word_at(pointer_at(frame->code, OL_RBISEQ_BODY), OL_RBBODY_LABEL);
    return ol_hash_mix(hash, (uintptr_t)frame->code + frame->where + stamp * OL_HASH_START);
}

static uint64_t mix_frames(uint64_t hash, const struct ol_runtime_frame *frames, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hash = mix(hash, &frames[i]);
    return hash;
}

/* What stands while the loop waits stands in its turns, too, where a function runs it
 * (EventMachine.run): told by its frame. Whether it has returned is not asked: such loops close
 * their descriptor. */
static bool anchor_at(struct ol_anchor *anchor, const void *caller)
{
    struct chain chain = own_chain();
    struct ol_runtime_frame innermost;
    (void)caller;
    if (!next_frame(&chain, &innermost))
        return false;
    anchor->wait_frame = innermost.frame;
    anchor->wait_code = innermost.code;
    return true;
}

static uint64_t place_of(struct ol_anchor *anchor)
{
    struct ol_runtime_frame frame;
    struct chain chain = own_chain();
    uint64_t mixed = OL_HASH_START;
    while (next_frame(&chain, &frame))
        mixed = mix(mixed, &frame);
    if (mixed == anchor->mixed)
        return anchor->place;
    uint64_t place = OL_HASH_START;
    for (chain = own_chain(); next_frame(&chain, &frame);)
        place = ol_hash_mix(place, (uintptr_t)frame.code + ol_rbframe_line(&frame));
    anchor->mixed = mixed;
    anchor->place = place;
    return place;
}

/* --- finding it --- */

static enum state trouble_is(const char *why, const char *what)
{
    struct ol_text text = OL_TEXT(trouble);
    ol_text_add(&text, why);
    ol_text_add(&text, what);
    return TROUBLE;
}

static const struct ol_rblayout *layout_of(void)
{
    if (strncmp(version, "3.", 2) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (version[2] == '0' + layouts[i].minor && version[3] == '.')
            return &layouts[i];
    return NULL;
}

/* Whether that is the execution context of a thread that runs: a stack of a sensible size, which
 * its frames lie in. */
static bool is_context(uintptr_t ec)
{
    uintptr_t words[3];
    if (!ec || ec % sizeof ec || !ol_raw_peek((const void *)ec, words, sizeof words))
        return false;
    uintptr_t size = words[1] * sizeof(uintptr_t);
    return words[0] && words[0] % sizeof ec == 0 && words[1] >= 1024 && words[1] < 1u << 24 &&
           words[2] > words[0] && words[2] < words[0] + size;
}

/* From the thread pointer on, in one direction. */
static bool find_context_in(ptrdiff_t first, ptrdiff_t step)
{
    enum { REACH = 64 * 1024, PIECE = 1024 };
    const char *self = __builtin_thread_pointer();
    for (ptrdiff_t at = first * PIECE; at >= -REACH && at < REACH; at += step * PIECE) {
        uintptr_t words[PIECE / sizeof(uintptr_t)];
        if (!ol_raw_peek(self + at, words, sizeof words))
            return false;
        for (size_t i = 0; i < PIECE / sizeof *words; i++) {
            ol_rbruntime.ec = at + (ptrdiff_t)(i * sizeof *words);
            if (is_context(words[i]))
                return true;
        }
    }
    return false;
}

/* Thread-local memory of what was there at start lies next to the thread pointer, at the same
 * distance in all threads; below it or above, by the processor. (A symbol would not tell: its
 * address is the loader's affair.) */
static bool find_context(void)
{
    return find_context_in(-1, -1) || find_context_in(0, 1);
}

/* Frames are what they should be, as far as memory tells. 1: all is well, 0: none to judge by. */
static int check_chain(void)
{
    struct chain chain = own_chain();
    struct ol_runtime_frame frame;
    int checked = 0;
    for (unsigned steps = 0; steps < 64 && chain.at < chain.end; steps++) {
        struct ol_frame_words words;
        uintptr_t environment = ol_rbread((uintptr_t)chain.at, OL_RBFRAME_EP);
        uintptr_t head[3];
        if (environment &&
            !ol_raw_peek((const void *)(environment - 2 * sizeof *head), head, sizeof head))
            return -1;
        const char *at = chain.at;
        chain.at += ol_rbruntime.layout.frame_size;
        if (!load_frame(at, &frame))
            continue;
        if (!ol_rbread_is((uintptr_t)frame.code, OL_RBTYPE_INTERNAL))
            return -1;
        if (!frame.where)
            continue;
        if (!ol_ruby_describe(&frame, &words) || !words.file[0] || !words.line)
            return -1;
        checked = 1;
    }
    return checked;
}

/* What Ruby itself says of the innermost frame in Ruby: the same path, the same line. */
static bool agrees_with_ruby(void)
{
    union {
        void *object;
        const char *(*function)(int *line);
    } ask = {.object = ol_symbol_address("rb_source_location_cstr")};
    struct chain chain = own_chain();
    struct ol_runtime_frame frame;
    char own[1024], path[1024];
    int line = 0;
    const char *said = ask.object ? ask.function(&line) : NULL;
    while (next_frame(&chain, &frame) && !frame.where)
        ;
    return said && frame.where && ol_raw_peek_string(said, path, sizeof path) &&
           ol_rbread_string(ol_rbread_given_path(&frame), own, sizeof own) &&
           strcmp(own, path) == 0 && (int)ol_rbframe_line(&frame) == line;
}

static enum state look(void)
{
    ol_rbruntime.version = ol_symbol_address("ruby_version");
    if (!ol_rbruntime.version || !ol_raw_peek_string(ol_rbruntime.version, version, sizeof version))
        return OPEN;
    const struct ol_rblayout *layout = layout_of();
    if (!layout)
        return trouble_is("frames can be read of Ruby 3.1 to 3.4, this is ", version);
    union {
        void *object;
        unsigned (*function)(const void *iseq, size_t position);
    } line = {.object = ol_symbol_address("rb_iseq_line_no")};
    if (!line.object)
        return trouble_is("an interpreter that hides its symbols: no ", "rb_iseq_line_no");
    ol_rbruntime.layout = *layout;
    ol_rbruntime.line_of = line.function;
    if (!find_context())
        return OPEN; /* not a thread of Ruby's, or none whose memory lies there */
    int checked = check_chain();
    if (checked < 0 || (checked && !agrees_with_ruby()))
        return trouble_is("frames do not look as they should in Ruby ", version);
    return checked ? READY : OPEN;
}

static bool find(void)
{
    int saved = errno;
    int known = ol_work_await(&looking, LOOKING);
    if (known == OPEN && ol_work_take(&looking, OPEN, LOOKING)) {
        known = (int)look();
        atomic_store_explicit(&looking.state, known, memory_order_release);
    }
    errno = saved;
    return known == READY;
}

static void forked(void)
{
    int by_one_not_here = LOOKING;
    atomic_compare_exchange_strong(&looking.state, &by_one_not_here, OPEN);
}

static const char *version_of(void)
{
    return atomic_load_explicit(&looking.state, memory_order_acquire) >= READY ? version : NULL;
}

static const char *trouble_of(void)
{
    return atomic_load_explicit(&looking.state, memory_order_acquire) == TROUBLE ? trouble : NULL;
}

static const void *address(void)
{
    return ol_rbruntime.version;
}

/* Up to 3.2 the interpreter waits for a thread's own reasons under a mutex of the thread's. Its
 * other waits are for the lock, for those that give it back, and of threads that have ended. */
static bool waits_for_lock(const void *mutex, const void *caller)
{
    const void *ec = pointer_at(__builtin_thread_pointer(), ol_rbruntime.ec);
    uintptr_t thread = ec ? ol_rbread((uintptr_t)ec, OL_RBEC_THREAD) : 0;
    bool own = thread && (uintptr_t)mutex - thread < OL_RBTHREAD_SIZE;
    return !own && ol_rbruntime.layout.minor <= 2 &&
           ol_module_is_same((const char *)caller - 1, ol_rbruntime.version);
}

extern const struct ol_runtime ol_ruby_runtime;

const struct ol_runtime ol_ruby_runtime = {
    .name = "ruby",
    .kind = OL_FRAME_ruby,
    .find = find,
    .forked = forked,
    .version = version_of,
    .trouble = trouble_of,
    .address = address,
    .walk = walk,
    .mix_frames = mix_frames,
    .anchor = anchor_at,
    .place = place_of,
    .describe = ol_ruby_describe,
    .judge = ol_ruby_judge,
    .waits_for_lock = waits_for_lock,
};
