/* SPDX-License-Identifier: MIT */
/* What the record says of a loop thread: one entry a thread and name, whatever the number of its
 * loops.
 *
 * For the calling thread, which is a loop. No allocation; the entry has one writer, but for the
 * section's last, which all threads share that find no other. */
#ifndef OFFLOOP_LOOP_ENTRY_H
#define OFFLOOP_LOOP_ENTRY_H

#include <stdint.h>

/* One more loop of this thread begins. `name` is what the program calls it, NULL: the thread's. */
void ol_loop_entry_begin(const char *wait, const char *name);

/* A turn begins at `now`; one that lasted `ns` is over and counts; one is over that was none. */
void ol_loop_entry_turn_begins(int64_t now);
void ol_loop_entry_turn_ends(uint64_t ns);
void ol_loop_entry_no_turn(void);

/* The thread's loop ends; or it turns out to have been none. */
void ol_loop_entry_end(void);
void ol_loop_entry_take_back(void);

#endif
