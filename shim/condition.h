/* SPDX-License-Identifier: MIT */
/* Waiting for a condition variable, and what locks say about CPython's GIL, which is one. */
#ifndef OFFLOOP_CONDITION_H
#define OFFLOOP_CONDITION_H

/* The calling thread takes the mutex of the GIL: what it waits for next is another acquisition. */
void ol_condition_ask_anew(void);

#endif
