/* SPDX-License-Identifier: MIT */
/* Code that is unloaded again. FRAME makes frames of another size at the same addresses. */
#include "turn.h"

__attribute__((noinline)) int plugin_deeper(int depth)
{
    volatile char room[FRAME];
    room[depth] = 1;
    if (depth)
        return plugin_deeper(depth - 1) + room[depth];
    hit();
    return room[0];
}
