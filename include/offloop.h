/* SPDX-License-Identifier: MIT */
/* offloop.h: tell offloop what it can not see. For C11 and C++11 programs; works with and without
 * the library preloaded.
 *
 * Header only: there is nothing to link. The library's functions are found through weak symbols
 * when it is preloaded, and every call does nothing when it is not. (A program linked with -no-pie
 * has to add -Wl,-z,dynamic-undefined-weak, and code compiled with -fno-pie has to add -fno-plt:
 * without them the linker settles weak symbols for good, as absent.) All functions may be called from any thread, cost a few nanoseconds, and keep errno.
 * They are not for signal handlers.
 */
#ifndef OFFLOOP_H
#define OFFLOOP_H

#ifdef __cplusplus
extern "C" {
#endif

/* What the library exports. Not for direct use: NULL without it. */
extern void offloop_v1_loop_enter(const char *name) __attribute__((weak, visibility("default")));
extern void offloop_v1_loop_leave(void) __attribute__((weak, visibility("default")));
extern void offloop_v1_allow_begin(const char *rule) __attribute__((weak, visibility("default")));
extern void offloop_v1_allow_end(void) __attribute__((weak, visibility("default")));
extern int offloop_v1_active(void) __attribute__((weak, visibility("default")));

/* The calling thread runs a loop from here on; what it does between its waits is on the loop. For
 * loops that wait in a way offloop does not know. `name` is copied (15 bytes are kept); NULL: the
 * thread's own name. A thread that is a loop already stays as it is. */
static inline void offloop_loop_enter(const char *name)
{
    if (offloop_v1_loop_enter)
        offloop_v1_loop_enter(name);
}

/* The loop has ended. Without an offloop_loop_enter() before it does nothing to a loop that was
 * found by its wait. */
static inline void offloop_loop_leave(void)
{
    if (offloop_v1_loop_leave)
        offloop_v1_loop_leave();
}

/* Calls under this rule ("open", "getaddrinfo"; NULL: every rule) are known and not reported from
 * here to the matching offloop_allow_end(), on this thread. Nests 8 deep; deeper ones change
 * nothing. A rule that does not exist allows nothing. */
static inline void offloop_allow_begin(const char *rule)
{
    if (offloop_v1_allow_begin)
        offloop_v1_allow_begin(rule);
}

static inline void offloop_allow_end(void)
{
    if (offloop_v1_allow_end)
        offloop_v1_allow_end();
}

/* 1 when the library is preloaded and watches, else 0. */
static inline int offloop_active(void)
{
    return offloop_v1_active ? offloop_v1_active() : 0;
}

#ifdef __cplusplus
}
#endif

#endif
