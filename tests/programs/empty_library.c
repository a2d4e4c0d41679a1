/* SPDX-License-Identifier: MIT */
/* A library that does nothing, in liboffloop.so's place: scripts/check-tests runs the tests with it,
 * and those that claim something of the library must fail. What offloop.h looks for is there, so
 * that programs take the same ways. */
#include "offloop.h"

void offloop_v1_loop_enter(const char *name)
{
    (void)name;
}

void offloop_v1_loop_leave(void)
{
}

void offloop_v1_allow_begin(const char *rule)
{
    (void)rule;
}

void offloop_v1_allow_end(void)
{
}

int offloop_v1_active(void)
{
    return 0;
}
