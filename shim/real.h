/* SPDX-License-Identifier: MIT */
/* The real functions behind the wrappers. Slots are filled by the constructor, or at the first use
 * where a wrapper runs before it. A slot is a plain pointer, written once: no lock. */
#ifndef OFFLOOP_REAL_H
#define OFFLOOP_REAL_H

#include <stdbool.h>

#include "../detector/tables.h"

/* The rows of calls.def, with the numbers of enum ol_call_id, then those of marks.def and
 * tried.def.
 */
enum ol_slot {
#define ROW(symbol, name, rule, fail) OL_SLOT_##symbol,
#include "../detector/calls_rows.h"
#undef ROW
#define MARK(symbol) OL_SLOT_##symbol,
#include "marks.def"
#undef MARK
#define TRIED(symbol) OL_SLOT_##symbol,
#include "tried.def"
#undef TRIED
    OL_SLOT_COUNT
};

typedef void ol_real_function(void);

extern ol_real_function *_Atomic ol_real_slots[OL_SLOT_COUNT] __attribute__((visibility("hidden")));

/* Its ELF symbol. */
const char *ol_real_symbol(unsigned slot);

/* Looked for through its caller's module: a row NEAR of calls.def. */
bool ol_real_is_near(unsigned slot);

/* Looks the symbol up after us (RTLD_NEXT), in the version that today's programs link; fills the
 * slot. */
ol_real_function *ol_real_find(unsigned slot);

/* Looks it up in the module of that caller and what it was linked with, then by RTLD_NEXT. */
ol_real_function *ol_real_near(enum ol_call_id call, const void *caller);

/* The thread's last caller, and what ol_real_near found for it. Both have to agree with the slot,
 * which holds what any thread found last: so it is known without looking only while nothing was
 * unloaded since. */
struct ol_real_near {
    const void *caller;
    ol_real_function *real;
};

extern __thread struct ol_real_near ol_real_last_near
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline ol_real_function *ol_real_near_known(unsigned slot, const void *caller)
{
    const struct ol_real_near *last = &ol_real_last_near;
    ol_real_function *real = ol_real_slots[slot];
    if (last->caller != caller || last->real != real)
        return 0;
    if (!real) /* never beside a caller: saves the question to whoever asks for NULL */
        __builtin_unreachable();
    return real;
}

/* Both are the same library's behind us: what one of them does to a lock, the other knows. */
bool ol_real_agree(unsigned slot, unsigned other);

/* A module was unloaded: another one may be at its addresses. */
void ol_real_forget_near(void);

/* The same for any name; NULL when there is none. */
void *ol_real_near_name(const char *name, const void *caller);

/* The same for a function that the caller has in hand already: where there is one in the process it
 * is that one, and the program's dlerror() stays. */
void *ol_real_near_function(const char *name, const void *caller);

/* Fills every slot of the C library. */
void ol_real_find_all(void);

static inline ol_real_function *ol_real_get(unsigned slot)
{
    ol_real_function *real = ol_real_slots[slot];
    return __builtin_expect(real != 0, 1) ? real : ol_real_find(slot);
}

#endif
