/* SPDX-License-Identifier: MIT */
/* A preload that has versions of its own, as libfaketime, and answers clock_nanosleep() without
 * one: nothing sleeps. */
#include <time.h>

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    (void)clock, (void)flags, (void)time, (void)left;
    return 0;
}

int unrelated(void)
{
    return 0;
}
