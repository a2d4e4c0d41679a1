/* SPDX-License-Identifier: MIT */
/* The process's facts. The contract is in process.h. */
#include "process.h"

#include <sys/mman.h>

#include "rawio.h"

struct ol_process_facts ol_process;

static const _Atomic int no_mark = 1;
static _Atomic int *own_mark;
const _Atomic int *ol_process_mark = &no_mark;
_Atomic int ol_process_looks_closely;
void (*ol_process_at_fork)(void);
void (*ol_process_at_exit)(void);

/* A page that is zero in every child with memory of its own. */
static void make_mark(void)
{
    void *page = ol_raw_mmap(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (!page)
        return;
    if (ol_raw_madvise(page, 4096, MADV_WIPEONFORK) != 0) { /* Linux before 4.14 */
        ol_raw_munmap(page, 4096);
        return;
    }
    own_mark = page;
    *own_mark = 1;
    ol_process_mark = own_mark;
}

void ol_process_begin(void)
{
    make_mark();
    ol_process.pid = ol_process.image_pid = ol_raw_getpid();
    ol_process.started_ns = ol_raw_now();
    ol_process.started_realtime_ns = ol_raw_realtime();
}

void ol_process_renew(void)
{
    if (own_mark)
        *own_mark = 1;
    ol_process.pid = ol_raw_getpid();
    ol_process.is_child = true;
    ol_process_looks_closely &= OL_PROCESS_PRINTS;
}

bool ol_process_is_another(void)
{
    return ol_raw_getpid() != ol_process.pid && !ol_process_is_unseen_child();
}
