/* SPDX-License-Identifier: MIT */
/* Waiting for another thread's work. The contract is in work.h. */
#include "work.h"

#include <stdint.h>

#include "rawio.h"

#define PATIENCE                                                                                   \
    INT64_C(1000000000) /* ns: starting up took 0.2 s on two cores with 12 busy threads */
#define PAUSE INT64_C(250000)

bool ol_work_take(struct ol_work *work, int open, int under_way)
{
    if (!atomic_compare_exchange_strong(&work->state, &open, under_way))
        return false;
    atomic_store(&work->by, ol_raw_gettid());
    return true;
}

/* Not known yet: it has just been taken. */
static bool goes_on(const struct ol_work *work)
{
    int by = atomic_load(&work->by);
    return !by || (by != ol_raw_gettid() && ol_raw_thread_is_alive(by));
}

int ol_work_await(const struct ol_work *work, int under_way)
{
    int state = atomic_load_explicit(&work->state, memory_order_acquire);
    if (state != under_way)
        return state;
    int64_t end = ol_raw_now() + PATIENCE;
    while (state == under_way && goes_on(work) && ol_raw_now() < end) {
        ol_raw_sleep(PAUSE);
        state = atomic_load_explicit(&work->state, memory_order_acquire);
    }
    return state;
}
