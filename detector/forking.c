/* Forks and what they must not interrupt. The contract is in forking.h. */
#include "forking.h"

#include <stdatomic.h>

#include "rawio.h"

#define QUARTER 250000 /* of a millisecond, ns */

static _Atomic unsigned forks; /* threads that fork */
static _Atomic int workers;    /* threads that are in the middle of something */
static _Atomic bool gave_up;

bool ol_forking_try(void)
{
    atomic_fetch_add(&workers, 1);
    if (!forks)
        return true;
    ol_forking_leave();
    return false;
}

void ol_forking_enter(void)
{
    for (int quarters = 400; quarters; quarters--) {
        if (ol_forking_try())
            return;
        ol_raw_sleep(QUARTER);
    }
    atomic_fetch_add(&workers, 1);
}

void ol_forking_leave(void)
{
    atomic_fetch_sub(&workers, 1);
}

void ol_forking_begins(void)
{
    atomic_fetch_add(&forks, 1);
    int quarters = 4000;
    for (; workers > 0 && quarters; quarters--)
        ol_raw_sleep(QUARTER);
    gave_up = !quarters;
}

void ol_forking_is_over(void)
{
    atomic_fetch_sub(&forks, 1);
    if (atomic_exchange(&gave_up, false))
        workers = 0; /* a thread that was ended in between: the next fork is not to wait for it */
}

bool ol_forking_left_behind(void)
{
    forks = 0;
    return atomic_exchange(&workers, 0) > 0;
}
