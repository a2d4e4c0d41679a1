/* SPDX-License-Identifier: MIT */
/* CPython, seen from inside the process without its GIL: frames of the calling thread, their names
 * and lines.
 *
 * CPython releases the GIL around calls that may block, so a wrapper runs while the thread's own
 * frames stand still: they can be read as plain memory. Nothing else of the interpreter is touched:
 * no reference counts, no allocation, no calls but PyGILState_GetThisThreadState(). Supported:
 * CPython 3.9 to 3.15, x86-64 and aarch64; 3.13 on by the offsets that it publishes. Everything
 * here is for the calling thread only and keeps errno.
 */
#ifndef OFFLOOP_PYTHON_H
#define OFFLOOP_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../detector/record.h"

/* A frame as found: enough to tell it from others, cheap to collect. */
struct ol_pyframe {
    const void *code;  /* PyCodeObject */
    const void *frame; /* PyFrameObject, or _PyInterpreterFrame from 3.11 on */
    uintptr_t where;   /* the instruction: an address from 3.11 on, f_lasti before */
};

#define OL_PYTHON_MAX 1024 /* frames of a thread that are looked at */

/* What is found out of each frame of a stack while it is judged. */
struct ol_pymarks {
    uint8_t classes[OL_PYTHON_MAX]; /* enum ol_owner_class */
    uint8_t roles[OL_PYTHON_MAX];
};

/* A frame in words. */
struct ol_pyframe_words {
    char function[256]; /* qualified name: "Path.read_text", "main.<locals>.handle" */
    char file[1024];    /* co_filename */
    char module[128];   /* dotted, as far as the path tells: "pathlib", "http.client", "app" */
    uint32_t line;      /* 1-based; 0 unknown */
    enum ol_owner_class owner_class;
};

/* Where a thread's loop runs: found at its waits, asked at its hits. Zeroed: not known. */
struct ol_pyanchor {
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
    uint64_t mixed;   /* what ol_python_place gave last, and for which instructions */
    uint64_t place;
};

/* What a whole stack says about a call. */
struct ol_pyverdict {
    bool in_turn; /* false: the loop that waited last has returned, this code runs after it */
    bool import;  /* the import machinery made the call: rule `import`, argument `import_name` */
    bool during_import; /* some module is being imported further out */
    unsigned root;      /* of an import: index of the frame that stands as long as it goes on */
    unsigned culprit;   /* index into the frames; OL_NO_INDEX when there is none */
    bool collected; /* the garbage collector made the call; `culprit`: how many frames it runs */
    unsigned turn;  /* frames of the turn; what is further out runs the loop, or started it */
    char api[256];  /* "pathlib.Path.read_text", "time.sleep", "open"; "" when not known */
    char import_name[256];
};

/* Looks for an interpreter in the process and checks that its frames can be read. Called when a
 * thread becomes a loop; cheap once decided. A thread that comes while another one looks waits for
 * that one's answer, a second at most. True: ol_python_walk works. */
bool ol_python_find(void);

/* In a forked child: the thread that was looking is not here. */
void ol_python_forked(void);

/* "3.11.2", "3.10"; NULL without an interpreter, and as long as nothing was decided about it.
 * Static. */
const char *ol_python_version(void);

/* Why the frames of the interpreter that was found can't be read, or NULL. Static. */
const char *ol_python_trouble(void);

/* An address inside the interpreter's code, or NULL without one: tells its module. */
const void *ol_python_address(void);

/* The calling thread's frames, innermost first, at most `max`. 0 when it runs no Python. The hot
 * path: no system call. */
unsigned ol_python_walk(struct ol_pyframe *frames, unsigned max);

/* A hash that tells stacks apart, with these frames, which ol_python_walk has just given. Code that
 * was freed is not taken for what now has its address. Hot path. */
uint64_t ol_python_mix_frames(uint64_t hash, const struct ol_pyframe *frames, unsigned count);

/* The same with all frames that ol_python_walk would give. Hot path. */
uint64_t ol_python_mix(uint64_t hash, unsigned max);

/* Called when a loop thread enters its wait. `caller` is an address in the code that called the
 * wait function (tells a loop written in C that Python called, as uvloop's, from one written in
 * Python, as asyncio's). Hot when nothing changed. */
void ol_python_anchor(struct ol_pyanchor *anchor, const void *caller);

/* Whether the calling thread runs a loop that is known, at a wait that `caller` makes. */
bool ol_python_runs_loop(const void *caller);

/* Tells the place where the thread waits from other places of the program: the lines of the whole
 * chain. (Instructions won't do: those of one call change when the interpreter gets to know it.)
 * Hot when nothing changed. */
uint64_t ol_python_place(struct ol_pyanchor *anchor);

/* Whether the anchor still stands on this chain, which ol_python_walk has just given. True where
 * the chain can't tell: it was cut, or belongs to a greenlet. Hot path: compares addresses only. */
bool ol_python_in_turn(const struct ol_pyanchor *anchor, const struct ol_pyframe *frames,
                       unsigned count);

/* Whether these frames are still those of the anchor's loop, asked when the thread waits on another
 * descriptor: ol_python_in_turn, and the frame runs the same loop object. (Two loops that run one
 * after the other have their frames at the same address.) */
bool ol_python_is_loop(const struct ol_pyanchor *anchor, const struct ol_pyframe *frames,
                       unsigned count);

/* A frame in words. False when its memory makes no sense (then nothing of `words` is meant). For
 * first hits only: some system calls. */
bool ol_python_describe(const struct ol_pyframe *frame, struct ol_pyframe_words *words);

/* The name that the frame's module was loaded by, its `__name__`: "orders.views", "__main__". False
 * when its globals have none. For first hits only. */
bool ol_python_module_name(const struct ol_pyframe *frame, char *name, size_t size);

/* A stack to be judged. */
struct ol_pystack {
    const struct ol_pyframe *frames; /* innermost first */
    unsigned count;
    void *const *native; /* return addresses, innermost first, by which a C function without a frame
                            is known */
    unsigned native_count;
    struct ol_pymarks *marks; /* room */
};

/* Reads a whole stack: import or not, culprit, api. For first hits only. */
void ol_python_judge(const struct ol_pyanchor *anchor, const struct ol_pystack *stack,
                     struct ol_pyverdict *verdict);

/* The rule of the wait that these frames are in, of enum ol_rule; OL_PYWAIT_NONE when it is none of
 * the standard library's. `further`: callers within the standard library are looked at too.
 * `*in_python`: it is a wait that is written in Python. For first hits only. */
#define OL_PYWAIT_NONE 0xffffu
unsigned ol_python_wait(const struct ol_pyframe *frames, unsigned count, void *const *native,
                        unsigned native_count, bool further, bool *in_python);

/* Whether the frame is of a method of a threading.Thread whose function has returned. */
bool ol_python_has_run(const struct ol_pyframe *frame);

/* What a function was given first, to be compared only; for functions with an argument. Hot path.
 */
const void *ol_python_given(const struct ol_pyframe *frame);

/* Whether the innermost frame is the import machinery's own, as far as it was judged before. Hot
 * path: compares addresses only. */
bool ol_python_imports(const struct ol_pyframe *innermost);

#endif
