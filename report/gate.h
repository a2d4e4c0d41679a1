/* The gate of CI jobs: whether what was found lets the job pass. */
#ifndef OFFLOOP_GATE_H
#define OFFLOOP_GATE_H

#include "model.h"

/* Whether the model has violations of at least that severity, blocked ones included and whatever is
 * hidden; then one line on stderr says how many, and that the exit code will be `code`.
 * OL_SEVERITY_COUNT is never met. */
bool ol_gate_met(const struct ol_model *model, int least, int code);

#endif
