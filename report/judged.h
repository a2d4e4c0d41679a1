/* SPDX-License-Identifier: MIT */
/* Was anything judged, and all of it? Without an answer silence would be taken for a clean bill. */
#ifndef OFFLOOP_JUDGED_H
#define OFFLOOP_JUDGED_H

#include "model.h"

enum ol_judged {
    OL_JUDGED_all,
    OL_JUDGED_part,    /* a record, hits or loop threads are missing */
    OL_JUDGED_nothing, /* no loop thread, or none that was seen to do anything */
};

/* What the records are worth. `why` (a clause; in the pool) is NULL for OL_JUDGED_all. The model
 * must be merged. */
enum ol_judged ol_judged_of(struct obstack *pool, const struct ol_model *model, const char **why);

#endif
