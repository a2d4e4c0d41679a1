/* SPDX-License-Identifier: MIT */
/* Functions that rules files name are caught where they are imported: the slot (GOT entry) that an
 * object calls through is made to point to a stub of ours. That reaches functions that are unknown
 * at build time, and those that the executable itself defines, which no preloaded library can
 * interpose.
 *
 *     scan.c    finds the slots of all loaded objects, and writes them
 *     object.c  what the scan reads of an object
 *     slot.c    which stub stands for which function
 *     arch/<cpu>/patch.S  the stubs: ask, and jump on or return
 *     judge.c   what is asked
 *     back.c    where calls return to whose end is to be seen
 *     getter.c  from an argument to its loop
 *     learn.c   functions that are not judged, but tell of loops
 *     dlsym.c   dlsym() gives stubs too
 *     tell.c    what users are told of it
 */
#ifndef OFFLOOP_PATCH_H
#define OFFLOOP_PATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../arch/patch_frame.h"
#include "../../detector/function.h"

#define OL_PATCH_SLOTS OL_STUBS
#define OL_PATCH_STACK OL_STACK_ARGUMENTS

/* A function as one object knows it. The stubs read the first three fields. */
struct ol_patch_slot {
    const void *_Atomic real;
    uint8_t anywhere; /* asked on every thread and always; else in turns only */
    uint8_t plain;    /* one that we know: no arguments in wider vectors than 16 bytes */
    const struct ol_function *function;
    const char *name; /* of the symbol */
};

extern struct ol_patch_slot ol_patch_slots[OL_PATCH_SLOTS];

/* A call as the stub found it; arch/<cpu>/patch.S fills and reads it by offset. */
struct ol_patch_frame {
    uint64_t words[10];           /* integer arguments by register; on return words[0] and [1] are
                                   * the result */
    unsigned char vectors[8][16]; /* x86-64: of plain functions only */
    uint64_t slot;                /* its offset in ol_patch_slots, bytes */
    const unsigned char *stack;   /* first argument on the stack */
    const void *caller;           /* return address */
    struct ol_patch_back *back;   /* out: not NULL: `real` is called, and then ol_patch_is_over */
    const void *real;             /* out: else where to jump; NULL: the call is over, its result is
                                   * in `words` and `vectors` */
    uint64_t unused;
    uintptr_t frame; /* the caller's frame pointer */
};

/* Called by the stubs. All arguments are as they came for whom is called or jumped to. Keeps
 * errno. */
void ol_patch_judge(struct ol_patch_frame *frame);

/* Makes the call of a function of learn.def with these arguments, words alone, and the first
 * `stack_size` bytes of the stack's, and leaves its result in the frame. C++ exceptions and
 * cancellation pass through. */
void ol_patch_call(struct ol_patch_frame *frame, const void *real, size_t stack_size);

/* The same, with as much of the stack as can be read. */
void ol_patch_call_all(struct ol_patch_frame *frame, const void *real);

/* An argument as an integer or a pointer, by its number among those. */
uint64_t ol_patch_argument(const struct ol_patch_frame *frame, unsigned number);

/* What the getters of the slot's function make of the argument; NULL: it leads nowhere. */
const void *ol_patch_follow(const struct ol_patch_slot *slot, const void *object);

/* A module was unloaded: getters may have been in it. */
void ol_patch_forget_getters(void);

/* The stub that stands for that function: the same for the same `real`. NULL: none is left. `name`
 * is copied where the function's own is a pattern. */
const void *ol_patch_stub(const struct ol_function *function, const char *name, const void *real);
bool ol_patch_is_stub(const void *address);
bool ol_patch_has_stub(const struct ol_function *function);

/* At start, when the rules are known: adds what tells of loops, patches all loaded objects. */
void ol_patch_start(void);

extern bool ol_patch_wanted __attribute__((visibility("hidden"))); /* some rule is not ignored */
extern _Atomic int ol_patch_looks_left __attribute__((visibility("hidden")));

#define OL_PATCH_LOOKS 16 /* waits at which a dlopen() that was under way may have ended */

/* dlopen() was called: objects may have come, or come soon. Four instructions. */
static inline void ol_patch_expect(void)
{
    if (ol_patch_wanted)
        atomic_store_explicit(&ol_patch_looks_left, OL_PATCH_LOOKS, memory_order_relaxed);
}

/* Patches what has come since. Cheap when nothing is expected. Not for signal handlers. Keeps
 * errno. */
void ol_patch_catch_up(void);

/* A function of that pack was asked for: reads it, unless another thread scans. */
void ol_patch_need_pack(int pack);

/* In a forked child: a scan that another thread was at is made again. */
void ol_patch_forked(void);

/* Some rule that the policy does not ignore names it. */
bool ol_patch_is_judged(const struct ol_function *function);

/* One line for the functions that the policy wants blocked, and that can't be failed; once for
 * each.
 */
void ol_patch_tell_unblockable(void);

/* Notes in the record loops that the executable itself brings along. */
void ol_patch_tell_own(void);

/* Notes in the record which functions of users' rules were imported by nobody. */
void ol_patch_tell_unseen(void);

/* Calls of that module to functions of the loop libraries are the loop's own. */
bool ol_patch_is_loop_library(const char *path);

/* Functions that tell of loops (learn.def). */
void ol_patch_learn_start(void);
void ol_patch_learn(struct ol_patch_frame *frame, const struct ol_patch_slot *slot);

/* dlsym() and dlvsym() as other objects get them; the real one for any other symbol. */
const void *ol_patch_dlsym_for(const char *symbol);

#endif
