/* SPDX-License-Identifier: MIT */
/* Forks and what they must not interrupt. The contract is in forking.h. */
#include "forking.h"

#include <stdatomic.h>

#include "rawio.h"

#define QUARTER 250000 /* of a millisecond, ns */

static _Atomic unsigned forks; /* threads that fork */
static _Atomic int workers;    /* threads that are in the middle of something */
static _Atomic bool gave_up;

/* Of the calling thread: what a signal handler that forks has interrupted is not waited for, nor
 * does a handler that interrupts a fork wait for it. */
#define THREADS_OWN static __thread volatile unsigned __attribute__((tls_model("initial-exec")))
THREADS_OWN own_work;
THREADS_OWN own_forks;

static void begin(void)
{
    own_work++;
    atomic_fetch_add(&workers, 1);
}

bool ol_forking_try(void)
{
    begin();
    if (forks <= own_forks)
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
    begin();
}

void ol_forking_leave(void)
{
    atomic_fetch_sub(&workers, 1);
    own_work--;
}

void ol_forking_begins(void)
{
    own_forks++;
    atomic_fetch_add(&forks, 1);
    int quarters = 4000;
    for (; workers > (int)own_work && quarters; quarters--)
        ol_raw_sleep(QUARTER);
    gave_up = !quarters;
}

void ol_forking_is_over(void)
{
    atomic_fetch_sub(&forks, 1);
    own_forks--;
    if (atomic_exchange(&gave_up, false))
        workers = (int)
            own_work; /* a thread that was ended in between: the next fork is not to wait for it */
}

bool ol_forking_was_seen(void)
{
    return forks > 0;
}

bool ol_forking_left_behind(void)
{
    int own = (int)own_work;
    forks = own_forks = 0;
    return atomic_exchange(&workers, own < workers ? own : workers) > own;
}
