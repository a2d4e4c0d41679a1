/* SPDX-License-Identifier: MIT */
/* Where a signal interrupted: what lies below is not part of what its handler does. Lock-free. */
#ifndef OFFLOOP_SIGNAL_FRAME_H
#define OFFLOOP_SIGNAL_FRAME_H

#include <stdbool.h>

/* How many of these return addresses, innermost first, are the handler's; all of them where none is
 * known. Cheap: a handler returns to one of a few places, which are learned. */
unsigned ol_signal_cut(void *const frames[], unsigned count);

/* Learns the places that handlers return to. True: one of these is such a place. */
bool ol_signal_learn(void *const frames[], unsigned count);

#endif
