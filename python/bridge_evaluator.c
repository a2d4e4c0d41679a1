/* SPDX-License-Identifier: MIT */
/* The evaluator of Python functions, replaced for one call. The contract is in bridge_evaluator.h.
 *
 * The interpreter keeps it in a word of its state, which is changed here without its lock. Who
 * reads it meanwhile finds the one or the other, and both are right. As long as it is not its own,
 * functions that call each other go one C call deeper each: so the first call that comes puts it
 * back. (The interpreter's own function for it needs the lock from 3.13 on.)
 */
#include "bridge_evaluator.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "../detector/rawio.h"
#include "bridge_api.h"

typedef void *evaluator(void *thread, void *frame, int throws);
typedef evaluator *_Atomic word;

static ol_evaluator_visit *_Atomic visit_wanted;
static _Atomic bool asking; /* one at a time */
static word *_Atomic place; /* where ours stands; NULL: nowhere */
static evaluator *kept;     /* the word as it was, NULL for the interpreter's own … */
static evaluator *original; /* … and what that means */

static evaluator *read_by_interpreter(void *state)
{
    return (evaluator *)(ol_py._PyInterpreterState_GetEvalFrameFunc
                             ? ol_py._PyInterpreterState_GetEvalFrameFunc(state)
                             : ol_py.PyUnstable_InterpreterState_GetEvalFrameFunc(state));
}

/* Which word of an interpreter's state that function reads: it is given one in which each word is
 * its own offset. The rest is there too, and zero. */
static size_t look_for_offset(void)
{
    enum { LOOKED_AT = 64 << 10, ALL = 8 << 20 };
    uintptr_t *state = ol_raw_mmap(ALL, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (!state)
        return 0;
    for (size_t i = 1; i < LOOKED_AT / sizeof *state; i++)
        state[i] = i * sizeof *state;
    uintptr_t found = (uintptr_t)read_by_interpreter(state);
    ol_raw_munmap(state, ALL);
    return found < LOOKED_AT ? found : 0;
}

static size_t offset(void)
{
    static _Atomic size_t known;
    if (!known && (ol_py._PyInterpreterState_GetEvalFrameFunc ||
                   ol_py.PyUnstable_InterpreterState_GetEvalFrameFunc))
        known = look_for_offset();
    return known;
}

static evaluator evaluate;

static void put_back(void)
{
    evaluator *ours = evaluate;
    word *at = place;
    if (at && atomic_compare_exchange_strong(at, &ours, kept))
        place = NULL;
}

/* Not inlined: what it calls must not lie on the stack of `evaluate`, which jumps on. */
static __attribute__((noinline)) evaluator *enter(int throws)
{
    evaluator *on = original;
    put_back();
    if (!throws && visit_wanted)
        visit_wanted();
    return on;
}

static void *evaluate(void *thread, void *frame, int throws)
{
    return enter(throws)(thread, frame, throws);
}

static void put_in_place(void *state, word *at)
{
    evaluator *there = *at;
    evaluator *means = read_by_interpreter(state);
    if (place || there == evaluate || means == evaluate)
        return;
    kept = there;
    original = means;
    place = at;
    if (!atomic_compare_exchange_strong(at, &there, evaluate))
        place = NULL;
}

bool ol_evaluator_expect(ol_evaluator_visit *visit)
{
    void *state = ol_py.PyThreadState_GetInterpreter(ol_py.PyGILState_GetThisThreadState());
    size_t at = offset();
    if (!at)
        return false;
    if (!state || atomic_exchange(&asking, true))
        return true;
    visit_wanted = visit;
    put_in_place(state, (word *)(void *)((char *)state + at));
    asking = false;
    return true;
}

void ol_evaluator_forked(void)
{
    asking = false;
}
