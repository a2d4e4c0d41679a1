/* SPDX-License-Identifier: MIT */
/* What OFFLOOP_DEBUG=loop says of waits. */
#ifndef OFFLOOP_LOOP_PRINT_H
#define OFFLOOP_LOOP_PRINT_H

#include "loop_wait.h"

/* The calling thread's loop has begun by that wait. */
void ol_loop_print_begin(const struct ol_wait *wait) __attribute__((cold));

/* What came of the wait: of those that make no loop why not, once for each caller in a row. */
void ol_loop_print_verdict(const struct ol_wait *wait, enum ol_wait_verdict verdict)
    __attribute__((cold));

#endif
