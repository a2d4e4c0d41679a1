/* SPDX-License-Identifier: MIT */
/* A call on its way through the gate, and where it was made: its site, found by its stack. The
 * functions are for the gate alone, in a thread that is inside of it. */
#ifndef OFFLOOP_HIT_H
#define OFFLOOP_HIT_H

#include <stdbool.h>
#include <stdint.h>

#include "argument.h"
#include "site.h"
#include "tables.h"
#include "thread.h"

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

/* A call, which is a hit once it is counted. Lives on the wrapper's stack. */
struct ol_call {
    struct ol_site_ref site;
    bool counted; /* there is a site (or a lost one) whose time is to be added */
    bool first;   /* to be reported when it is over */
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
    enum ol_call_id id;
    const struct ol_gate_function *named; /* in place of `id`, or NULL */
    unsigned rule;
    const void *caller;
    struct ol_argument argument;
};

/* Finds the site. False: this is no violation after all (the loop has returned, the policy ignores
 * what it is), or an allow rule covers it; one that was asked already is not asked again. Keeps
 * errno. */
bool ol_hit_find_site(struct ol_call *hit);

/* What ol_site_recall knows a stack by. */
uint64_t ol_hit_key(uint64_t stack_hash, unsigned rule);

/* The allow rule of that index covers the hit. It counts all the same when it takes longer than the
 * rule may suppress. */
void ol_hit_suppress(struct ol_call *hit, unsigned index);

/* The hit took `ns`: the report shows the stack and argument of a site's longest one. Keeps errno.
 */
void ol_hit_show(struct ol_call *hit, uint64_t ns);

#endif
