/* SPDX-License-Identifier: MIT */
/* What the user asks of `offloop run`. */
#ifndef OFFLOOP_RUN_REQUEST_H
#define OFFLOOP_RUN_REQUEST_H

#include <obstack.h>
#include <stdbool.h>
#include <stddef.h>

#include "output.h"
#include "pool.h"
#include "verdict.h"

#define OL_RUN_OUTPUTS 16

struct ol_run_request {
    struct obstack pool;
    char **program; /* its argv */
    bool no_node_options;
    const char *out, *profile;
    const char *source_root;
    struct ol_verdict_terms terms;
    struct ol_output outputs[OL_RUN_OUTPUTS];
    size_t output_count;
    bool forbids_loops; /* by rules files */
    unsigned wait;      /* seconds for what the program leaves running */
};

/* Reads the command line and fills the request, its pool too, which is the caller's to end. Exits
 * where a word is wrong. */
void ol_run_request_parse(struct ol_run_request *request, int argc, char **argv);

#endif
