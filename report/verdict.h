/* SPDX-License-Identifier: MIT */
/* The verdict on a run or its records: whether what was found lets a CI job pass.
 *
 * It judges by violations, severities and a baseline, never by times, so that it does not flake.
 * Those that are there only when something was slow (see ol_baseline_is_by_load) are named as new,
 * and fail where --fail-on asks for their severity; a baseline alone lets them pass. */
#ifndef OFFLOOP_VERDICT_H
#define OFFLOOP_VERDICT_H

#include <argp.h>

#include "baseline.h"

struct ol_verdict_terms {
    int least;        /* severity that fails, OL_SEVERITY_COUNT for never, -1 not given */
    bool timed;       /* sites of timed rules fail too: where a severity was asked for */
    int code;         /* to exit with when it is met */
    const char *path; /* of the baseline, NULL for none */
    bool update, grow;
    bool allow_no_loop; /* a run in which there was nothing to judge passes */
    struct ol_baseline baseline;
};

#define OL_VERDICT_KEY 0x300 /* argp keys of the terms: five from here on */

/* Rows for argp. */
/* clang-format off */
#define OL_VERDICT_OPTIONS                                                                            \
    {"fail-on", OL_VERDICT_KEY, "SEVERITY", 0,                                                        \
     "exit 66 where there are violations of SEVERITY or worse: error, warning, note or never "          \
     "(default; with --baseline: note)", 0},                                                       \
    {"baseline", OL_VERDICT_KEY + 1, "FILE", 0,                                                       \
     "violations that FILE names are known: only new ones fail, and those that are gone are named", 0}, \
    {"baseline-update", OL_VERDICT_KEY + 2, NULL, 0,                                                  \
     "take the violations that are gone out of the baseline", 0},                                       \
    {"baseline-grow", OL_VERDICT_KEY + 3, NULL, 0,                                                    \
     "update the baseline, and put new violations into it too", 0},                                \
    {"allow-no-loop", OL_VERDICT_KEY + 4, NULL, 0,                                                    \
     "a run in which no loop was seen passes --fail-on and --baseline (else: exit 65)", 0}
/* clang-format on */

#define OL_VERDICT_TERMS                                                                           \
    {                                                                                              \
        .least = -1, .code = OL_EXIT_FAILED                                                        \
    }

/* Reads an option of the terms; ARGP_ERR_UNKNOWN for others. */
error_t ol_verdict_parse(struct ol_verdict_terms *terms, int key, const char *value,
                         struct argp_state *state);

/* Reads the baseline; before programs are started. Ends the process with 2 where there is none.
 * The terms live in `pool`. */
void ol_verdict_begin(struct ol_verdict_terms *terms, struct obstack *pool);

/* Marks known violations. The model must be merged; before reports are written. */
void ol_verdict_apply(struct ol_verdict_terms *terms, struct ol_model *model);

struct ol_verdict {
    int code; /* 0; that of the terms; OL_EXIT_BLIND; OL_EXIT_OWN: the baseline can't be written */
    const char *reason; /* for a code that is not 0: a clause, and by which option */
    const char *option; /* both in the model's pool; NULL for OL_EXIT_OWN, which was said */
};

/* Names the violations that fail, or that the baseline does not know (20 at most), and what is
 * gone, brings the baseline up to date where that was asked for, and decides. A program that did
 * not end well has not shown all of itself: nothing is gone then, and the baseline stays. Blocked
 * and hidden violations count too. */
struct ol_verdict ol_verdict_judge(const struct ol_verdict_terms *terms, struct ol_model *model,
                                   bool ended_well);

/* The verdict in one line, if there is one. Where another code than its own stands, that is `code`,
 * and `whose` says so: "is the program's own"; NULL otherwise. */
void ol_verdict_say(const struct ol_verdict *verdict, int code, const char *whose);

#endif
