/* The gate of CI jobs: whether what was found lets the job pass.
 *
 * It judges by sites, severities and a baseline, never by times, so that it does not flake. Sites
 * that are there only when something was slow (see ol_baseline_is_timed) are told as new, and fail
 * where --fail-on asks for their severity; a baseline alone lets them pass. */
#ifndef OFFLOOP_GATE_H
#define OFFLOOP_GATE_H

#include <argp.h>

#include "baseline.h"

struct ol_gate {
    int least;        /* severity that fails, OL_SEVERITY_COUNT for never, -1 not given */
    bool timed;       /* sites of timed rules fail too: where a severity was asked for */
    int code;         /* to exit with when it is met */
    const char *path; /* of the baseline, NULL for none */
    bool update, grow;
    struct ol_baseline baseline;
};

#define OL_GATE_KEY 0x300 /* argp keys of the gate: four from here on */

/* Rows for argp. */
/* clang-format off */
#define OL_GATE_OPTIONS                                                                            \
    {"fail-on", OL_GATE_KEY, "SEVERITY", 0,                                                        \
     "exit 66 where there are sites of SEVERITY or worse: error, warning, note or never "          \
     "(default; with --baseline: note)", 0},                                                       \
    {"baseline", OL_GATE_KEY + 1, "FILE", 0,                                                       \
     "sites that FILE names are known: only new ones fail, and those that are gone are named", 0}, \
    {"baseline-update", OL_GATE_KEY + 2, NULL, 0,                                                  \
     "take the sites that are gone out of the baseline", 0},                                       \
    {"baseline-grow", OL_GATE_KEY + 3, NULL, 0,                                                    \
     "update the baseline, and put new sites into it too", 0}
/* clang-format on */

#define OL_GATE_BEGIN                                                                              \
    {                                                                                              \
        .least = -1, .code = OL_EXIT_GATE                                                          \
    }

/* Takes an option of the gate; ARGP_ERR_UNKNOWN for others. */
error_t ol_gate_parse(struct ol_gate *gate, int key, const char *value, struct argp_state *state);

/* Reads the baseline; before programs are started. Ends the process with 2 where there is none.
 * The gate lives in `pool`. */
void ol_gate_begin(struct ol_gate *gate, struct obstack *pool);

/* Marks known violations. The model must be merged; before reports are written. */
void ol_gate_apply(struct ol_gate *gate, struct ol_model *model);

/* Tells about new and gone sites, brings the baseline up to date where that was asked for, and
 * decides: 0, the gate's code, or 125 where it can't judge. The reason for a code that is not 0 is
 * the last line that is printed. Blocked and hidden sites count too. */
int ol_gate_judge(const struct ol_gate *gate, struct ol_model *model);

#endif
