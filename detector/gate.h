/* SPDX-License-Identifier: MIT */
/* The gate: what every wrapped call passes. On the loop? What does the policy say? Then the clock,
 * the stack, the count.
 *
 *     if (ol_gate_is_open())            the common case: nothing to judge
 *         return the real call;
 *     if (!ol_gate_enter(...))
 *         return the failure value;     blocked: errno is EDEADLK
 *     result = the real call;
 *     ol_gate_leave(&hit);              errno as the real call left it
 */
#ifndef OFFLOOP_GATE_H
#define OFFLOOP_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "argument.h"
#include "rawio.h"
#include "site.h"
#include "tables.h"
#include "thread.h"

/* A call on its way through the gate; lives on the wrapper's stack. */
struct ol_hit {
    struct ol_site_ref site;
    bool counted; /* there is a site (or a lost one) whose time is to be added */
    bool first;   /* to be told when it is over */
    bool held;    /* between two steps of a loop, maybe: see step.h */
    int64_t started;
    uint64_t added_ns; /* of a hit in several calls: the time that its site has already */
    struct ol_usage_known before; /* what the thread had used when the call began */
    /* for slow-only rules, and for what an allow rule suppresses unless it takes long: judged when
     * the call is over */
    bool slow_only;
    bool file_only;   /* OL_IF_SLOW_FILE */
    bool at_offset;   /* OL_IF_SLOW_AT */
    bool path_asked;  /* allow rules of a path alone have judged the argument as it will be shown */
    int64_t least;    /* ns that it has to take */
    unsigned allowed; /* 1 + index of the allow rule that covers it; 0: none, or not asked yet */
    enum ol_call call;
    const struct ol_gate_function *named; /* in place of `call`, or NULL */
    unsigned rule;
    const void *caller;
    struct ol_argument argument;
};

/* Nothing to judge: not in a turn, or inside of a wrapped call. One thread-local read. */
static inline bool ol_gate_is_open(void)
{
    return OL_LIKELY(!ol_self.armed);
}

/* What the flags and descriptors of a call say: the `when` column of calls.def (true is OL_COUNTS).
 */
enum ol_when {
    OL_SILENT,       /* it can not block */
    OL_COUNTS,       /* it may: a violation, however long it takes */
    OL_IF_SLOW_FILE, /* OL_IF_SLOW when the descriptor is a file's; asked only when it was slow */
    OL_IF_SLOW_AT,   /* the same when the descriptor has offsets; asked only when it was slow */
    OL_IF_SLOW,      /* a violation when it took OFFLOOP_SLOW_MS or longer, waiting or working */
    /* Added to one of those: the descriptor is a socket, and the rule is not that of the row. */
    OL_RECEIVES = 0x10, /* rule `recv` */
    OL_SENDS = 0x20,    /* rule `send` */
};

/* Judges a call before it happens. `when` is not OL_SILENT. False: it must not happen. True: it
 * must, and ol_gate_leave follows. Keeps errno. */
bool ol_gate_judge(struct ol_hit *hit, enum ol_call call, unsigned rule, const void *caller,
                   const struct ol_argument *argument, enum ol_when when);

/* The same with OL_COUNTS. */
bool ol_gate_enter(struct ol_hit *hit, enum ol_call call, unsigned rule, const void *caller,
                   const struct ol_argument *argument);

/* A function that rules files name: `anywhere` judges a call outside of any turn too, on threads
 * that are no loop. */
struct ol_gate_function {
    const char *name;
    const char *api;  /* NULL: as the stack tells */
    const char *hint; /* NULL: the rule's */
    unsigned rule;
    bool can_block;
    bool slow_only;
    bool anywhere;
    bool has_frame; /* it is a function of Python whose own frame is on the stack already */
};

/* The same for such a function; `function` lives as long as the hit. */
bool ol_gate_enter_named(struct ol_hit *hit, const struct ol_gate_function *function,
                         const void *caller, const struct ol_argument *argument);

/* Tells a first hit now, with those words in place of its time: it may never be over. */
void ol_gate_tell(struct ol_hit *hit, const char *instead);

/* The place of this call of a Python callable as a site without hits, for a rule that may turn out
 * to be broken there later; OL_SITE_LOST when there is none. ol_gate_count_place then counts a hit,
 * from any thread; the first one's `argument` becomes the site's, and it is told with `instead` in
 * place of a time. */
struct ol_site_ref ol_gate_place(const struct ol_gate_function *function, const void *caller);
void ol_gate_count_place(uint32_t site, const char *argument, const char *instead);

/* The call is over: its time is added, a first hit is told, the guard comes down. Keeps errno. */
void ol_gate_leave(struct ol_hit *hit);

/* A call judged by OL_IF_SLOW has become slow while it still goes on: it counts now. */
void ol_gate_is_slow(struct ol_hit *hit);

/* What is left of a hit for further calls that are part of it (the reads of a folder that was
 * opened). Small: threads keep it. */
struct ol_gate_rest {
    struct ol_site_ref site;
    bool counted;
    bool held;
    uint64_t added_ns;
};

static inline struct ol_gate_rest ol_gate_rest_of(const struct ol_hit *hit)
{
    return (struct ol_gate_rest){hit->site, hit->counted, hit->held, hit->added_ns};
}

/* Another call of that hit, as `hit`: ol_gate_leave adds its time, no count; the site's longest hit
 * is that of all of them. */
void ol_gate_resume(struct ol_hit *hit, const struct ol_gate_rest *rest, enum ol_call call,
                    const void *caller, const struct ol_argument *argument);

#endif
