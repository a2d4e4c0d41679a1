/* SPDX-License-Identifier: MIT */
/* Stacks: collected cheaply at every hit, put into words at a site's first.
 *
 * A thread that runs a language of runtimes.def is known by its frames alone at later hits; its
 * native frames are added when a stack is put into words. Other threads are known by their return
 * addresses. libunwind does the native part (unwinder.h).
 */
#ifndef OFFLOOP_STACK_H
#define OFFLOOP_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "runtime.h"

#define OL_STACK_MAX 128 /* native frames; frames in words */

struct ol_stack {
    uint64_t hash; /* of everything that tells this place from another */
    const void *caller;
    const struct ol_runtime *runtime; /* whose `frames` these are; NULL without any */
    unsigned count;
    unsigned native_count;
    bool interrupted; /* the native ones end where a signal interrupted the thread */
    struct ol_runtime_frame frames[OL_RUNTIME_FRAMES]; /* innermost first */
    struct ol_runtime_marks marks;
    void *native[OL_STACK_MAX]; /* return addresses, innermost first, from `caller` on */
};

/* What the words of a stack say. The culprit is always among the frames: of a stack that is deeper
 * than what is kept the frames before it are left out, and one frame says how many. */
struct ol_stack_words {
    struct ol_frame_entry frames[OL_STACK_MAX];
    unsigned count;
    uint16_t culprit; /* index, or OL_NO_INDEX */
    uint16_t turn;    /* the frames of the loop's turn: those before this index */
    uint64_t key; /* of a culprit that has a name and a line, else of all frames from the culprit
                     outwards, by their words: the same in every process */
    struct ol_verdict verdict;
};

/* libunwind's first use, before a stack is short of room; loads it where that was not done. False
 * when it is not there: stacks are then one frame deep. */
bool ol_stack_warm(void);

/* In a forked child: libunwind may have been left in the middle of something by a thread that is
 * not here. Then it is not used any more (a blind spot). */
void ol_stack_forked(void);

/* Code was unloaded: what libunwind remembers of it is void. */
void ol_stack_forget(void);

/* The place on a stack where a running function's return address stands. While the function runs,
 * the address is there and everything it calls lies below. */
struct ol_stack_cell {
    const uintptr_t *place;
    uintptr_t value;
};

/* Visits the frames of the calling thread, innermost first, until `visit` says false: an address in
 * the function, and its cell, which is not looked at. Nothing without libunwind, and on processors
 * that don't keep return addresses so. Takes the loader's lock. */
typedef bool ol_stack_visitor(void *context, uintptr_t address, struct ol_stack_cell cell);
void ol_stack_visit(ol_stack_visitor *visit, void *context);

/* The calling thread's return addresses, innermost first, our own frames included; their number. */
unsigned ol_stack_native(void *frames[static OL_STACK_MAX]);

/* The same for who asks seldom: without the cache of libunwind's, which takes 256 KB a thread. */
unsigned ol_stack_native_once(void *frames[static OL_STACK_MAX]);

/* The calling thread's stack. `caller` is the return address of the wrapped call. */
void ol_stack_capture(struct ol_stack *stack, const void *caller);

/* Adds the native frames of a thread that has others, where they are not there yet. */
void ol_stack_add_native(struct ol_stack *stack);

/* A stack that was not seen before: learns from it what interrupted threads' stacks look like.
 * True: it is one, its native frames are fewer, and its hash is another. May make system calls. */
bool ol_stack_learn_signals(struct ol_stack *stack);

/* The hash that ol_stack_capture would find of a thread that has frames of a
 * runtime, and nothing else of it. */
uint64_t ol_stack_hash_frames(const void *caller);

/* Puts it into words; keeps its strings and modules in the record. `anchor` and `runner` are those
 * of the thread's loop; `runner` is NULL where it is not known. May make system calls; takes the
 * loader's lock. */
void ol_stack_describe(struct ol_stack *stack, const struct ol_anchor *anchor,
                       const struct ol_stack_cell *runner, unsigned depth,
                       struct ol_stack_words *words);

#endif
