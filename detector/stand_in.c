/* SPDX-License-Identifier: MIT */
/* Threads that wait in another one's place. Called at waits of threads that are no loops; the
 * contract is in stand_in.h. */
#include "stand_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>

#include "loop_wait.h"
#include "process.h"
#include "rawio.h"
#include "run.h"
#include "text.h"

#define HOSTS 64

/* `tid` is written last and taken away first: 0 is free, -1 is being filled. One writer. */
static struct {
    _Atomic int tid;
    int fd;
    _Atomic uint32_t polls; /* looks without a wait; 0 once it has waited */
    _Atomic bool waits;
} hosts[HOSTS];

static int claim(int fd)
{
    for (int i = 0; i < HOSTS; i++) {
        int expected = 0;
        if (atomic_load_explicit(&hosts[i].tid, memory_order_relaxed) ||
            !atomic_compare_exchange_strong(&hosts[i].tid, &expected, -1))
            continue;
        hosts[i].fd = fd;
        hosts[i].polls = 0;
        hosts[i].waits = false;
        atomic_store_explicit(&hosts[i].tid, ol_self.tid, memory_order_release);
        return i;
    }
    return -1;
}

static void leave(struct ol_host *host)
{
    if (host->fd && host->entry >= 0)
        atomic_store(&hosts[host->entry].tid, 0);
    host->fd = 0;
}

void ol_stand_in_closing(struct ol_host *host, int fd)
{
    /* a child made by vfork() closes descriptors in our memory */
    if (OL_UNLIKELY(fd && host->fd == fd) && ol_raw_getpid() == ol_process.pid)
        leave(host);
}

void ol_stand_in_thread_ends(void)
{
    leave(&ol_self.own_host);
    leave(&ol_self.guest_host);
}

void ol_stand_in_forked(void)
{
    for (int i = 0; i < HOSTS; i++)
        atomic_store(&hosts[i].tid, 0);
}

void ol_stand_in_note(struct ol_host *host, const struct ol_wait *wait)
{
    if (OL_UNLIKELY(host->fd != wait->fd)) {
        leave(host);
        *host = (struct ol_host){wait->fd, wait->fd > 0 ? claim(wait->fd) : -1};
    }
    if (host->entry < 0)
        return;
    if (wait->immediate) /* one writer */
        atomic_store_explicit(&hosts[host->entry].polls, hosts[host->entry].polls + 1,
                              memory_order_relaxed);
    else
        atomic_store_explicit(&hosts[host->entry].waits, true, memory_order_relaxed);
}

/* 0: it is none that only looks, and not another thread. */
static uint32_t polls_of(int entry)
{
    int tid = atomic_load_explicit(&hosts[entry].tid, memory_order_acquire);
    return tid > 0 && tid != ol_self.tid && !hosts[entry].waits ? hosts[entry].polls : 0;
}

/* Does the epoll set hold that descriptor? By the kernel's own words: "tfd:        7 events: …". */
static bool holds(int set, int descriptor)
{
    char bytes[2048];
    char path[64];
    char wanted[32];
    struct ol_text name = OL_TEXT(path);
    struct ol_text field = OL_TEXT(wanted);
    ol_text_add(&name, "/proc/self/fdinfo/");
    ol_text_add_signed(&name, set);
    ol_text_add_char(&field, ' ');
    ol_text_add_signed(&field, descriptor);
    ol_text_add(&field, " events:");
    bytes[ol_raw_read_file(path, bytes, sizeof bytes - 1)] = '\0';
    return strstr(bytes, wanted) != NULL;
}

static bool find_host(struct ol_stand_in *found, int fd)
{
    for (int i = 0; i < HOSTS; i++) {
        if (!polls_of(i) || (hosts[i].fd != fd && !holds(fd, hosts[i].fd)))
            continue;
        *found = (struct ol_stand_in){.fd = fd, .entry = i, .host_fd = hosts[i].fd};
        return true;
    }
    return false;
}

static bool is_known(const struct ol_stand_in *known, int fd)
{
    return known->fd == fd && polls_of(known->entry) && hosts[known->entry].fd == known->host_fd;
}

static bool runs_loop(const struct ol_wait *wait)
{
    int saved = errno; /* the loader changes it */
    struct ol_run run;
    ol_run_find(&run);
    bool runs = run.count || ol_runtime_runs_loop(wait->caller);
    errno = saved;
    return runs;
}

bool ol_stand_in_waits(const struct ol_wait *wait)
{
    struct ol_stand_in *known = &ol_self.stand_in;
    if (wait->kind != OL_WAIT_epoll || wait->immediate || wait->fd <= 0)
        return false;
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    if (!is_known(known, wait->fd) && (!find_host(known, wait->fd) || runs_loop(wait))) {
        known->fd = 0;
        return false;
    }
    uint32_t polls = polls_of(known->entry);
    bool looked = polls != known->polls;
    known->polls = polls;
    return looked;
}
