/* SPDX-License-Identifier: MIT */
/* The bridges of runtimes, by their table. The contract is in bridges.h. */
#include "bridges.h"

#include <stddef.h>

#define OL_BRIDGE(name) extern const struct ol_bridge ol_##name##_bridge;
#include "../detector/runtimes.def"
#undef OL_BRIDGE

static const struct ol_bridge *const bridges[] = {
#define OL_BRIDGE(name) &ol_##name##_bridge,
#include "../detector/runtimes.def"
#undef OL_BRIDGE
};

enum { BRIDGES = sizeof bridges / sizeof *bridges };

void ol_bridges_expect(int epoll)
{
    for (size_t i = 0; i < BRIDGES; i++)
        bridges[i]->expect(epoll);
}

void ol_bridges_meet(void)
{
    for (size_t i = 0; i < BRIDGES; i++)
        bridges[i]->meet();
}

void ol_bridges_forked(void)
{
    for (size_t i = 0; i < BRIDGES; i++)
        bridges[i]->forked();
}
