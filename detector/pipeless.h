/* SPDX-License-Identifier: MIT */
/* libunwind without its pipe.
 *
 * To learn whether an address can be read, libunwind 1.5 to 1.8 write a byte from there into a pipe
 * that they keep open, and read one from its other end. A program that closes all descriptors it
 * does not know (every daemon does) and then opens its own gives them those two numbers: from then
 * on libunwind takes bytes out of the program's sockets, and puts others in. So it gets a pipe that
 * is none. What it asks of the kernel beside is asked by rawio.c, which knows what a filter of the
 * program's forbids; where code is, it learns without the loader's lock. Called by stack.c before
 * anything else of libunwind.
 */
#ifndef OFFLOOP_PIPELESS_H
#define OFFLOOP_PIPELESS_H

#include <stdbool.h>

/* Puts our functions into the slots through which the library behind that dlopen() handle calls
 * pipe2(), read(), open(), mincore() and their like. False: it has no such slots (it was built
 * otherwise), and stays as it is. */
bool ol_pipeless_make(void *handle);

#endif
