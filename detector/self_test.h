/* Are the wrappers live? Asked once, at the first loop: every function of calls.def is looked up as
 * the program would look it up, and has to be ours. */
#ifndef OFFLOOP_SELF_TEST_H
#define OFFLOOP_SELF_TEST_H

/* Notes what answers before us as blind spots; says one line when nothing is ours at all (loaded too
 * late) or when another library stands before us. Uses dlsym: not inside the loader. */
void ol_self_test(void);

#endif
