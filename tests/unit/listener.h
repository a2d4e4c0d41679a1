/* SPDX-License-Identifier: MIT */
/* Keeps what a parser complains of, for tests to ask. */
#ifndef OFFLOOP_TEST_LISTENER_H
#define OFFLOOP_TEST_LISTENER_H

#include <stdio.h>

struct listener {
    unsigned count;
    char last[256];
};

static inline void hear(void *context, const char *line)
{
    struct listener *listener = context;
    listener->count++;
    snprintf(listener->last, sizeof(listener->last), "%s", line);
}

#endif
