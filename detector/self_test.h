/* SPDX-License-Identifier: MIT */
/* Are the wrappers live? Asked once, at the first loop: every function of calls.def is looked up as
 * the program would look it up, and has to be ours. */
#ifndef OFFLOOP_SELF_TEST_H
#define OFFLOOP_SELF_TEST_H

#include <stdbool.h>

/* Another copy of this library stands before us, and answers the program. Before anything else. */
bool ol_self_test_is_second_copy(void);

/* Notes what answers before us as blind spots; says one line when another library stands before us,
 * and when another copy of ours stands behind.
 * Uses dlsym: not inside the loader. */
void ol_self_test(void);

/* At start: says in a line that all came too late, where the C library answers the program. */
void ol_self_test_start(void);

#endif
