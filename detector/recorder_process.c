/* SPDX-License-Identifier: MIT */
/* Processes in the record. The contracts are in recorder.h and recorder_process.h. */
#include "recorder_process.h"

#include "process.h"
#include "rawio.h"
#include "recorder.h"

static _Atomic int64_t own_process = -1;

/* For the child of the fork that this thread is in: it has a copy. Nobody can tell here whether
 * that fork fails; the entry stays as it is then, and the file with it. */
static __thread int64_t child_entry __attribute__((tls_model("initial-exec"))) = -1;

void ol_recorder_fork_begins(void)
{
    child_entry = ol_recorder ? ol_recorder_claim(OL_SECTION_processes, 1) : -1;
    if (child_entry < 0)
        return;
    struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, (uint32_t)child_entry);
    atomic_store(&entry->state, OL_ENTRY_writing);
}

static void note(int64_t index, int pid, int parent, int64_t started_ns)
{
    own_process = index;
    if (index < 0)
        return;
    struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, (uint32_t)index);
    entry->pid = pid;
    entry->parent = parent;
    entry->started_ns = started_ns;
    atomic_store(&entry->state, OL_ENTRY_ready);
}

/* Of a child, for when there will be a record. */
static int parent_of_child;
static int64_t child_started_ns;

void ol_recorder_process_started(int pid, int parent)
{
    int64_t index = child_entry;
    child_entry = -1;
    parent_of_child = parent;
    child_started_ns = ol_raw_now();
    if (!ol_recorder)
        return;
    if (index < 0)
        index = ol_recorder_claim(OL_SECTION_processes, 1);
    note(index, pid, parent, child_started_ns);
}

static void note_child(void)
{
    note(ol_recorder_claim(OL_SECTION_processes, 1), ol_process.pid, parent_of_child,
         child_started_ns);
}

void ol_recorder_process_begin(void)
{
    int pid = ol_process.is_child ? ol_process.image_pid : ol_raw_getpid();
    note(ol_recorder_claim(OL_SECTION_processes, 1), pid, 0, ol_process.started_ns);
    if (ol_process.is_child)
        note_child();
}

void ol_recorder_process_join(void)
{
    own_process = 0;
    if (ol_process.is_child)
        note_child();
}

void ol_recorder_process_ended(int status)
{
    if (!ol_recorder || own_process < 0)
        return;
    struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, (uint32_t)own_process);
    entry->exit_status = status;
    atomic_store(&entry->ended_ns, ol_raw_now());
}

void ol_recorder_process_exec(bool ends)
{
    if (!ol_recorder || own_process < 0)
        return;
    struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, (uint32_t)own_process);
    atomic_store(&entry->ended_ns, ends ? ol_raw_now() : 0);
}

bool ol_recorder_process_is_shared(void)
{
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_processes); i++) {
        const struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, i);
        if (entry->state == OL_ENTRY_writing)
            return true;
        if (entry->state == OL_ENTRY_ready && entry->ended_ns == 0 &&
            entry->pid != ol_process.pid && ol_raw_is_alive(entry->pid))
            return true;
    }
    return ol_recorder->sections[OL_SECTION_processes].lost > 0;
}
