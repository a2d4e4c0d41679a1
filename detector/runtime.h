/* SPDX-License-Identifier: MIT */
/* A language's runtime, as the detector sees it: frames of the calling thread, their names and
 * lines, whose code they are, and where the thread's loop runs among them.
 *
 * Each runtime fills a row of functions (struct ol_runtime), and runtimes.def lists the rows;
 * nothing else of a runtime is known outside of its room. A row's functions are called by the
 * thread that the frames belong to, in a wrapper, so that they stand still. They keep errno, call
 * nothing of the runtime that allocates or locks, and trust no memory but that of frames that are
 * running.
 */
#ifndef OFFLOOP_RUNTIME_H
#define OFFLOOP_RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

struct ol_runtime;

/* A frame as found: enough to tell it from others, cheap to collect. What the three are is the
 * runtime's own affair, but that all differ between frames that are not the same. */
struct ol_runtime_frame {
    const void *code;  /* what it runs: the same for each call of a function */
    const void *frame; /* the call: the same as long as it runs */
    uintptr_t where;   /* the instruction */
};

#define OL_RUNTIME_FRAMES 1024 /* frames of a thread that are looked at */

/* What is found out of each frame of a stack while it is judged. */
struct ol_runtime_marks {
    uint8_t classes[OL_RUNTIME_FRAMES]; /* enum ol_owner_class */
    uint8_t roles[OL_RUNTIME_FRAMES];
};

/* A frame in words. */
struct ol_frame_words {
    char function[256]; /* qualified name: "Path.read_text", "main.<locals>.handle" */
    char file[1024];    /* as the runtime knows it */
    char module[128];   /* what users call the module, as far as the path tells: "http.client" */
    uint32_t line;      /* 1-based; 0 unknown */
    enum ol_owner_class owner_class;
};

/* Where a thread's loop runs: found at its waits, asked at its hits. Zeroed: not known. */
struct ol_anchor {
    const struct ol_runtime *runtime; /* whose frames these are; NULL: the thread runs none */
    const void *wait_frame; /* innermost frame at the last wait, with its code: the same again needs
                               no new look */
    const void *wait_code;
    const void *frame; /* the frame that must still be on the chain for the thread to be in a turn;
                          NULL: no such test */
    const void *code;
    uintptr_t where;  /* when not 0: and be at this instruction */
    bool every_call;  /* any frame of that code will do: each call of it is a turn, for a loop that
                         runs where nobody sees it (trio's guest mode) */
    bool steps;       /* the frame may run a step of the loop: see step.h */
    const void *loop; /* the loop object that the frame runs, NULL: not known */
    const void *root; /* the outermost frame then: a chain with another one is no proof (greenlets
                         have their own) */
    uint64_t mixed;   /* what `place` of the row gave last, and for which instructions */
    uint64_t place;
};

/* What a whole stack says about a call. */
struct ol_verdict {
    bool import; /* the import machinery made the call: rule `import`, argument `import_name` */
    bool during_import; /* some module is being imported further out */
    unsigned root;      /* of an import: index of the frame that stands as long as it goes on */
    unsigned culprit;   /* index into the frames; OL_NO_INDEX when there is none */
    bool collected; /* the garbage collector made the call; `culprit`: how many frames it runs */
    unsigned turn;  /* frames of the turn; what is further out runs the loop, or started it */
    char api[256];  /* "pathlib.Path.read_text", "time.sleep", "open"; "" when not known */
    char import_name[256];
};

/* A stack to be judged. */
struct ol_runtime_stack {
    const struct ol_runtime_frame *frames; /* innermost first */
    unsigned count;                        /* not 0 */
    void *const *native; /* return addresses, innermost first, by which a C function without a frame
                            is known */
    unsigned native_count;
    struct ol_runtime_marks *marks; /* room */
};

#define OL_RUNTIME_NO_WAIT 0xffffu /* of `wait`: none that is known */

/* What is marked with * may be NULL: the language has no such thing, or nobody asked yet. */
struct ol_runtime {
    const char *name;        /* "python", as the report's language says it */
    enum ol_frame_kind kind; /* of its frames in the record */

    /* Looks for the runtime in the process, and checks that its frames can be read. Called when a
     * thread becomes a loop; cheap once decided. True: `walk` works, from now on. */
    bool (*find)(void);

    /* *In a forked child: the thread that was looking is not here. */
    void (*forked)(void);

    /* "3.11.2"; NULL without a runtime, and as long as nothing was decided about it. Static. */
    const char *(*version)(void);

    /* *Why the frames of the runtime that was found can't be read, or NULL. Static. */
    const char *(*trouble)(void);

    /* An address inside the runtime's code, which tells its module. */
    const void *(*address)(void);

    /* The calling thread's frames, innermost first, at most `max`. 0 when it runs none. The hot
     * path: no system call. */
    unsigned (*walk)(struct ol_runtime_frame *frames, unsigned max);

    /* A hash that tells stacks apart, with these frames, which `walk` has just given. Code that was
     * freed is not taken for what now has its address. Hot path. */
    uint64_t (*mix_frames)(uint64_t hash, const struct ol_runtime_frame *frames, unsigned count);

    /* *The same with all frames that `walk` would give; for runtimes with a bridge. Hot path. */
    uint64_t (*mix)(uint64_t hash, unsigned max);

    /* *Called when a loop thread enters its wait, which `caller` made: an address in the code that
     * called the wait function (tells a loop written in C that Python called, as uvloop's, from one
     * written in Python, as asyncio's). False: the thread runs no frames. Hot when nothing changed.
     */
    bool (*anchor)(struct ol_anchor *anchor, const void *caller);

    /* *Tells the place where the thread waits from other places of the program: the lines of the
     * whole chain. (Instructions won't do where those of one call change when the interpreter gets
     * to know it.) Hot when nothing changed. */
    uint64_t (*place)(struct ol_anchor *anchor);

    /* *The anchor is not among the frames. Whether they may not be the whole chain, or another
     * chain than the loop's. */
    bool (*may_be_elsewhere)(const struct ol_anchor *anchor,
                             const struct ol_runtime_frame *outermost);

    /* *The loop object that the anchor's frame runs. */
    const void *(*loop_of)(const struct ol_runtime_frame *frame);

    /* A frame in words. False when its memory makes no sense (then nothing of `words` is meant).
     * For first hits only: some system calls. */
    bool (*describe)(const struct ol_runtime_frame *frame, struct ol_frame_words *words);

    /* *The name that the frame's module was loaded by: "orders.views", "__main__". False when there
     * is none. For first hits only. */
    bool (*module_name)(const struct ol_runtime_frame *frame, char *name, size_t size);

    /* Reads a whole stack: import or not, culprit, api. `verdict` is zeroed, without a culprit. For
     * first hits only. */
    void (*judge)(const struct ol_anchor *anchor, const struct ol_runtime_stack *stack,
                  struct ol_verdict *verdict);

    /* *The rule of the wait that these frames are in, of enum ol_rule; OL_RUNTIME_NO_WAIT when it
     * is none of the standard library's. `further`: callers within the standard library are looked
     * at too. `*in_frames`: it is a wait that is written in the language. For first hits only. */
    unsigned (*wait)(const struct ol_runtime_stack *stack, bool further, bool *in_frames);

    /* *Whether the frame is of a method of a thread object whose function has returned. */
    bool (*has_run)(const struct ol_runtime_frame *frame);

    /* *What a function was given first, to be compared only; for functions with an argument. Hot
     * path. */
    const void *(*given)(const struct ol_runtime_frame *frame);

    /* *Whether a wait for a condition under that mutex, made by `caller`, is one for the runtime's
     * own lock. For runtimes whose lock is not in ol_runtime_locks. */
    bool (*waits_for_lock)(const void *mutex, const void *caller);

    /* *Whether the innermost frame is the import machinery's own, as far as it was judged before.
     * Hot path: compares addresses only. */
    bool (*imports)(const struct ol_runtime_frame *innermost);
};

/* Those whose frames can be read, up to the first NULL. */
#define OL_RUNTIMES 8
extern const struct ol_runtime *_Atomic ol_runtime_list[OL_RUNTIMES + 1];

static inline const struct ol_runtime *ol_runtime_found(unsigned index)
{
    return atomic_load_explicit(&ol_runtime_list[index], memory_order_acquire);
}

/* Whether there is one whose frames can be read. */
static inline bool ol_runtime_any(void)
{
    return ol_runtime_found(0) != NULL;
}

/* Looks for runtimes in the process; when a thread becomes a loop. */
void ol_runtime_find(void);

/* Whether a wait for a condition is one for a lock of a runtime's by `waits_for_lock`. */
bool ol_runtime_waits_for_lock(const void *mutex, const void *caller);

/* Notes in the record which ones were found, and what can't be read of them. */
void ol_runtime_note(void);

/* In a forked child. */
void ol_runtime_forked(void);

/* The same, where the first one found has none. */
unsigned ol_runtime_walk_others(struct ol_runtime_frame *frames, unsigned max,
                                const struct ol_runtime **runtime);

/* The calling thread's frames, and whose they are; 0 when it runs none. Hot path. */
static inline unsigned ol_runtime_walk(struct ol_runtime_frame *frames, unsigned max,
                                       const struct ol_runtime **runtime)
{
    *runtime = ol_runtime_found(0);
    unsigned count = *runtime ? (*runtime)->walk(frames, max) : 0;
    return count || !*runtime ? count : ol_runtime_walk_others(frames, max, runtime);
}

/* A hash with all frames that ol_runtime_walk would give, as the row's mix_frames has it. Hot. */
uint64_t ol_runtime_mix(uint64_t hash, unsigned max);

/* The same, where the thread's frames may be another runtime's than at its last wait. */
void ol_runtime_anchor_anew(struct ol_anchor *anchor, const void *caller);

/* Called when a loop thread enters its wait. Hot when nothing changed. */
static inline void ol_runtime_anchor(struct ol_anchor *anchor, const void *caller)
{
    if (ol_runtime_any() &&
        !(anchor->runtime && anchor->runtime->anchor && anchor->runtime->anchor(anchor, caller)))
        ol_runtime_anchor_anew(anchor, caller);
}

/* Whether the calling thread runs a loop that is known, at a wait that `caller` makes. */
bool ol_runtime_runs_loop(const void *caller);

/* Tells the place where the thread waits from other places of the program; 0 without frames. */
uint64_t ol_runtime_place(struct ol_anchor *anchor);

/* Whether the anchor still stands on this chain, which ol_runtime_walk has just given. True where
 * the chain can't tell: it was cut, or belongs to a greenlet. Hot path: compares addresses only. */
bool ol_runtime_in_turn(const struct ol_anchor *anchor, const struct ol_runtime *runtime,
                        const struct ol_runtime_frame *frames, unsigned count);

/* Whether these frames are still those of the anchor's loop, asked when the thread waits on another
 * descriptor: ol_runtime_in_turn, and the frame runs the same loop object. (Two loops that run one
 * after the other have their frames at the same address.) */
bool ol_runtime_is_loop(const struct ol_anchor *anchor, const struct ol_runtime *runtime,
                        const struct ol_runtime_frame *frames, unsigned count);

/* Where the locks lie that the threads of a runtime pass on to each other: conditions and mutexes
 * of its own. Said once, by whoever finds it. */
struct ol_runtime_locks {
    uintptr_t start;
    _Atomic uintptr_t size; /* stored last; until then no lock is one of them */
};
extern struct ol_runtime_locks ol_runtime_locks;

/* Is this condition or mutex one of them? Hot path. */
static inline bool ol_runtime_owns_lock(const void *lock)
{
    uintptr_t size = atomic_load_explicit(&ol_runtime_locks.size, memory_order_acquire);
    return (uintptr_t)lock - ol_runtime_locks.start < size;
}

/* Whether there is one with an import machinery of its own. */
bool ol_runtime_has_imports(void);

#endif
