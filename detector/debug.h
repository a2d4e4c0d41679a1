/* SPDX-License-Identifier: MIT */
/* OFFLOOP_DEBUG: one line for each thing that the library decides, for those who carry on and for
 * bug reports:
 *
 *     offloop: debug loop: thread 123 python3: epoll_wait(5) begins a loop, called by
 * libuv.so.1+0x1b2c3
 *
 * A line stands where something is decided, in a path that is cold: what is not set costs one
 * branch there, and nothing off the loop. What is decided at every call or wait is printed by
 * ol_process_looks_closely (process.h). Lines go where live lines go, escaped, and do not count as
 * such. */
#ifndef OFFLOOP_DEBUG_H
#define OFFLOOP_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "likely.h"
#include "option.h"

enum ol_debug_word {
#define DEBUG(id, text) OL_DEBUG_##id,
#include "debug.def"
#undef DEBUG
    OL_DEBUG_COUNT
};

/* The words as a set, a bit each. A wrong one is complained of, and leaves the others. */
uint32_t ol_debug_parse(const char *words, ol_complain *complain, void *context);

/* From the options, once. */
void ol_debug_start(uint32_t words);

extern uint32_t ol_debug_set;

static inline bool ol_debug_has(enum ol_debug_word word)
{
    return OL_UNLIKELY(ol_debug_set >> word & 1);
}

/* Prints the line. Of printf's words there are %s (NULL is nothing), %d, %u, %lu, which is a time
 * in ns, and %p, which is the place of an address: "libuv.so.1+0x1b2c3". Keeps errno; no
 * allocation, no lock but the loader's for a place. */
void ol_debug_say(enum ol_debug_word word, const char *format, ...)
    __attribute__((format(printf, 2, 3), cold, noinline));

#define ol_debug(word, ...)                                                                        \
    (ol_debug_has(OL_DEBUG_##word) ? ol_debug_say(OL_DEBUG_##word, __VA_ARGS__) : (void)0)

#endif
