/* SPDX-License-Identifier: MIT */
/* A loop thread's entry in the record. The contract is in loop_entry.h. */
#include "loop_entry.h"

#include <string.h>

#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "thread.h"

static struct ol_loop_entry *own_entry(void)
{
    return ol_recorder_entry(OL_SECTION_loops, ol_self.loop);
}

static bool is_shared(void)
{
    return ol_self.loop + 1 == ol_recorder_sections[OL_SECTION_loops].capacity;
}

static void claim(const char name[static 16])
{
    ol_self.loop = ol_recorder_claim_or_last(OL_SECTION_loops);
    ol_self.has_entry = true;
    struct ol_loop_entry *entry = own_entry();
    if (!is_shared())
        memcpy(entry->name, name, sizeof entry->name);
    entry->pid = is_shared() ? ol_process.image_pid : ol_process.pid;
    entry->tid = is_shared() ? 0 : ol_self.tid;
    atomic_fetch_add_explicit(&entry->threads, 1, memory_order_relaxed);
    if (!entry->started_ns)
        entry->started_ns = ol_raw_now();
}

void ol_loop_entry_begin(const char *wait, const char *name)
{
    char wanted[16] = "";
    if (name)
        strncpy(wanted, name, sizeof wanted - 1);
    else
        ol_raw_thread_name(wanted);
    if (!ol_self.has_entry || (!is_shared() && strcmp(own_entry()->name, wanted) != 0))
        claim(wanted);
    struct ol_loop_entry *entry = own_entry();
    entry->wait = ol_recorder_string(wait);
    if (!is_shared())
        entry->worker = ol_self.is_worker;
    atomic_fetch_add_explicit(&entry->loops, 1, memory_order_relaxed);
    atomic_store(&entry->ended_ns, 0);
    atomic_store(&entry->state, OL_ENTRY_ready);
}

void ol_loop_entry_turn_begins(int64_t now)
{
    atomic_store_explicit(&own_entry()->turn_began_ns, now, memory_order_relaxed);
}

void ol_loop_entry_no_turn(void)
{
    ol_loop_entry_turn_begins(0);
}

void ol_loop_entry_turn_ends(uint64_t ns)
{
    struct ol_loop_entry *entry = own_entry();
    atomic_fetch_add_explicit(&entry->turns, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&entry->busy_ns, ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&entry->histogram[ol_turn_bucket(ns)], 1, memory_order_relaxed);
    ol_recorder_raise(&entry->longest_turn_ns, ns);
    if (ol_process.options.stall_ms && ns > ol_process.options.stall_ms * UINT64_C(1000000))
        atomic_fetch_add_explicit(&entry->stalls, 1, memory_order_relaxed);
    ol_loop_entry_no_turn();
}

void ol_loop_entry_end(void)
{
    if (!is_shared())
        atomic_store(&own_entry()->ended_ns, ol_raw_now());
}

void ol_loop_entry_take_back(void)
{
    if (atomic_fetch_sub(&own_entry()->loops, 1) == 1)
        atomic_store(&own_entry()->state, OL_ENTRY_free);
}
