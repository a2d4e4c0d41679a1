/* SPDX-License-Identifier: MIT */
/* The gate: what every wrapped call passes. On the loop? What does the policy say? Then the clock,
 * the stack, the count.
 *
 *     if (ol_gate_is_open())            the common case: nothing to judge
 *         return the real call;
 *     if (!ol_gate_enter(...))
 *         return the failure value;     blocked: errno is EDEADLK
 *     result = the real call;
 *     ol_gate_leave(&call);              errno as the real call left it
 */
#ifndef OFFLOOP_GATE_H
#define OFFLOOP_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hit.h"
#include "likely.h"
#include "thread.h"

/* Nothing to judge: not in a turn, or inside of a wrapped call. One thread-local read. */
static inline bool ol_gate_is_open(void)
{
    return OL_LIKELY(!ol_self.armed);
}

/* Judges a call before it happens. `when` is not OL_SILENT. False: it must not happen. True: it
 * must, and ol_gate_leave follows. Keeps errno. */
bool ol_gate_judge(struct ol_call *call, enum ol_call_id id, unsigned rule, const void *caller,
                   const struct ol_argument *argument, enum ol_when when);

/* The same with OL_COUNTS. */
bool ol_gate_enter(struct ol_call *call, enum ol_call_id id, unsigned rule, const void *caller,
                   const struct ol_argument *argument);

/* The same for a function that rules files name; `function` lives as long as the call. */
bool ol_gate_enter_named(struct ol_call *call, const struct ol_gate_function *function,
                         const void *caller, const struct ol_argument *argument);

/* Tells a first hit now, with those words in place of its time: it may never be over. */
void ol_gate_tell(struct ol_call *call, const char *instead);

/* The place of this call of a Python callable as a site without hits, for a rule that may turn out
 * to be broken there later; OL_SITE_LOST when there is none. ol_gate_count_place then counts a hit,
 * from any thread; the first one's `argument` becomes the site's, and it is told with `instead` in
 * place of a time. */
struct ol_site_ref ol_gate_place(const struct ol_gate_function *function, const void *caller);
void ol_gate_count_place(uint32_t site, const char *argument, const char *instead);

/* The call is over: its time is added, a first hit is told, the guard comes down. Keeps errno. */
void ol_gate_leave(struct ol_call *call);

/* A call judged by OL_IF_SLOW has become slow while it still goes on: it counts now. */
void ol_gate_is_slow(struct ol_call *call);

/* What is left of a hit for further calls that are part of it (the reads of a folder that was
 * opened). Small: threads keep it. */
struct ol_gate_rest {
    struct ol_site_ref site;
    bool counted;
    bool held;
    uint64_t added_ns;
};

static inline struct ol_gate_rest ol_gate_rest_of(const struct ol_call *call)
{
    return (struct ol_gate_rest){call->site, call->counted, call->held, call->added_ns};
}

/* Another call of that hit, as `call`: ol_gate_leave adds its time, no count; the site's longest
 * hit is that of all of them. */
void ol_gate_resume(struct ol_call *call, const struct ol_gate_rest *rest, enum ol_call_id id,
                    const void *caller, const struct ol_argument *argument);

#endif
