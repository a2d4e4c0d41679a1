/* SPDX-License-Identifier: MIT */
/* Loops of workers: a thread that is made to do blocking work has a loop too, on which only who
 * gave it the work waits. A Worker of Node.js is one. They are judged, and told apart in reports
 * and gates.
 */
#ifndef OFFLOOP_WORKER_H
#define OFFLOOP_WORKER_H

#include <stdbool.h>

/* Is the calling thread's loop that of a worker? By the stack of its first wait, where one of
 * worker_functions.def is. Takes the lock of the list of loaded objects; keeps errno. */
bool ol_worker_runs(void);

#endif
