/* SPDX-License-Identifier: MIT */
/* What became of the sites between two sets of records. */
#ifndef OFFLOOP_COMPARE_H
#define OFFLOOP_COMPARE_H

#include "model.h"

enum ol_change { OL_CHANGE_NEW, OL_CHANGE_GROWN, OL_CHANGE_GONE, OL_CHANGE_NONE, OL_CHANGE_COUNT };

extern const char
    *const ol_compare_names[OL_CHANGE_COUNT]; /* "new", "grown", "gone", "as before" */

struct ol_changed {
    enum ol_change change;
    const struct ol_violation *old, *now; /* NULL: not seen there */
};

struct ol_comparison {
    struct ol_changed *sites; /* by change, then by severity, worst first, then by id */
    size_t count, counts[OL_CHANGE_COUNT];
    double old_exposure, exposure; /* what hits are a rate of: thousands of turns, or records */
    bool by_turns;
};

/* A site has grown when it is hit at least half as often again per turn of the loops (per record,
 * where either side has no turns), and chance does not explain it: more than 4 standard deviations
 * of what the same rate would give. Times are not compared: they differ from machine to machine.
 * Both models must be merged; the arrays live in `pool`. */
void ol_compare(struct ol_comparison *comparison, struct obstack *pool, const struct ol_model *old,
                const struct ol_model *now);

#endif
