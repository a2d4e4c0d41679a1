/* SPDX-License-Identifier: MIT */
/* Sleeps for an hour in a turn, unless somebody answers for the C library. */
#include <time.h>

#include "turn.h"

int main(void)
{
    turn();
    return clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 3600}, NULL);
}
