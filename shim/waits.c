/* SPDX-License-Identifier: MIT */
/* The wait functions of loops: epoll_wait, poll, select and their spellings. Outside of a turn they
 * find loop threads and time turns; inside of one they are a violation (rule `poll`, or `sleep` for
 * select() and poll() without descriptors). */
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "../detector/epolls.h"
#include "../detector/loop.h"
#include "../detector/rawio.h"
#include "../detector/thread.h"
#include "bridges.h"
#include "patch/patch.h"
#include "waits.h"
#include "wrap.h"

/* One wait. `shown` is for the violation; `sleeps` is how long it sleeps, ns, when it waits for no
 * descriptor at all. */
struct waiting {
    struct ol_wait wait;
    struct ol_argument shown;
    int64_t sleeps;
    enum ol_wait_verdict verdict;
    struct ol_call call;
};

enum ol_wait_verdict ol_waits_enter(const struct ol_wait *wait)
{
    enum ol_wait_verdict verdict = ol_loop_wait(wait);
    if (verdict != OL_WAIT_loop)
        return verdict;
    if (OL_UNLIKELY(ol_self.unmet))
        ol_bridges_meet();
    ol_patch_catch_up();
    return verdict;
}

/* False: blocked, the wait must not happen. */
static bool enter(struct waiting *waiting, enum ol_call_id id)
{
    if (waiting->sleeps) {
        waiting->verdict = ol_self.armed ? OL_WAIT_nested : OL_WAIT_plain;
        waiting->shown = NANOSECONDS(waiting->sleeps);
    } else {
        waiting->verdict = ol_waits_enter(&waiting->wait);
    }
    if (waiting->verdict != OL_WAIT_nested)
        return true;
    enum ol_rule rule = waiting->sleeps ? OL_RULE_sleep : OL_RULE_poll;
    return ol_gate_enter(&waiting->call, id, rule, waiting->wait.caller, &waiting->shown);
}

static void leave(struct waiting *waiting)
{
    if (waiting->verdict == OL_WAIT_loop) {
        ol_loop_resume();
        if (OL_UNLIKELY(ol_self.unmet))
            ol_bridges_meet();
    } else if (waiting->verdict == OL_WAIT_nested) {
        ol_gate_leave(&waiting->call);
    }
}

/* wrap_X, which jumps on when nothing can be to judge, and waits_in_X, which enters, calls and
 * leaves. `facts` fills struct waiting beyond the kind, the name and the caller. */
#define WAIT(symbol, of_kind, called, parameters, arguments, facts)                                \
    static __attribute__((used)) int wrap_##symbol parameters;                                     \
    static                                                                                         \
        __attribute__((noinline)) int waits_in_##symbol(const void *caller, OL_UNWRAP parameters)  \
    {                                                                                              \
        struct waiting waiting;                                                                    \
        waiting.wait = (struct ol_wait){.kind = of_kind,                                           \
                                        .name = called,                                            \
                                        .fd = -1,                                                  \
                                        .among = -1,                                               \
                                        .caller = caller,                                          \
                                        .stack = (uintptr_t)__builtin_frame_address(0)};           \
        waiting.shown = NONE;                                                                      \
        waiting.sleeps = 0;                                                                        \
        facts;                                                                                     \
        if (!enter(&waiting, OL_CALL_##symbol))                                                    \
            return OL_FAIL_VALUE_minus_one;                                                        \
        int ready = REAL(symbol) arguments;                                                        \
        leave(&waiting);                                                                           \
        return ready;                                                                              \
    }                                                                                              \
    static int wrap_##symbol parameters                                                            \
    {                                                                                              \
        const void *caller = OL_CALLER;                                                            \
        ol_real_function *known = ol_real_slots[OL_SLOT_##symbol];                                 \
        if (ol_waits_is_no_loop(caller) && OL_LIKELY(known != NULL))                               \
            return ((__typeof(&wrap_##symbol))known)arguments;                                     \
        return waits_in_##symbol(caller, OL_UNWRAP arguments);                                     \
    }                                                                                              \
    OL_EXPORT(symbol)

static int64_t nanoseconds(const struct timespec *time)
{
    return time ? (int64_t)time->tv_sec * 1000000000 + time->tv_nsec : -1;
}

static void note_epoll(struct waiting *waiting, int epfd, bool immediate)
{
    waiting->wait.fd = epfd;
    waiting->wait.immediate = immediate;
    waiting->shown = FD(epfd);
}

/* Reactors wait for an epoll descriptor and a few others. */
#define SMALL_SET 16

/* A thread that is a loop by other waits has no use for the answer. */
static bool may_wait_for_epoll(void)
{
    return !ol_self.is_loop || ol_self.wait_kind == OL_WAIT_epoll;
}

static bool is_epoll(int fd)
{
    return ol_self.is_loop ? fd == ol_self.wait_fd : ol_epolls_has(fd);
}

static int epoll_among(const struct pollfd *fds, nfds_t count)
{
    if (!count || count > SMALL_SET || !may_wait_for_epoll() || !ol_raw_can_read(fds) ||
        !ol_raw_can_read(&fds[count - 1].fd))
        return -1;
    for (nfds_t i = 0; i < count; i++)
        if (is_epoll(fds[i].fd))
            return fds[i].fd;
    return -1;
}

/* `ns` is the timeout, -1 for none. */
static void note_poll(struct waiting *waiting, const struct pollfd *fds, nfds_t count, int64_t ns)
{
    waiting->wait.immediate = ns == 0;
    waiting->sleeps = !count && ns > 0 ? ns : 0;
    waiting->wait.among = epoll_among(fds, count);
    if (count && ol_self.armed && ol_raw_can_read(fds))
        waiting->shown = POLLED(fds, count);
}

struct sets {
    int highest;
    const fd_set *readable;
    const fd_set *writable;
    const fd_set *failed;
};

static struct ol_argument first_in(const struct sets *sets)
{
    bool reads = ol_raw_can_read(sets->readable);
    bool writes = ol_raw_can_read(sets->writable);
    for (int fd = 0; fd < sets->highest && fd < FD_SETSIZE; fd++)
        if ((reads && FD_ISSET(fd, sets->readable)) || (writes && FD_ISSET(fd, sets->writable)))
            return FD(fd);
    return NONE;
}

static int epoll_in(const struct sets *sets)
{
    bool reads = may_wait_for_epoll() && ol_raw_can_read(sets->readable);
    for (int fd = 0; reads && fd < sets->highest && fd < FD_SETSIZE; fd++)
        if (FD_ISSET(fd, sets->readable) && is_epoll(fd))
            return fd;
    return -1;
}

/* select() on no descriptor is how CPython before 3.11, and many a C program, sleep. */
static void note_select(struct waiting *waiting, const struct sets *sets, int64_t ns)
{
    bool none = sets->highest == 0 ||
                (sets->highest > 0 && !sets->readable && !sets->writable && !sets->failed);
    waiting->wait.immediate = ns == 0;
    waiting->sleeps = none && ns > 0 ? ns : 0;
    waiting->wait.among = epoll_in(sets);
    if (ol_self.armed)
        waiting->shown = first_in(sets);
}

WAIT(epoll_wait, OL_WAIT_epoll, "epoll_wait",
     (int epfd, struct epoll_event *events, int most, int timeout), (epfd, events, most, timeout),
     note_epoll(&waiting, epfd, timeout == 0))

WAIT(epoll_pwait, OL_WAIT_epoll, "epoll_pwait",
     (int epfd, struct epoll_event *events, int most, int timeout, const sigset_t *mask),
     (epfd, events, most, timeout, mask), note_epoll(&waiting, epfd, timeout == 0))

WAIT(epoll_pwait2, OL_WAIT_epoll, "epoll_pwait2",
     (int epfd, struct epoll_event *events, int most, const struct timespec *timeout,
      const sigset_t *mask),
     (epfd, events, most, timeout, mask), note_epoll(&waiting, epfd, nanoseconds(timeout) == 0))

WAIT(poll, OL_WAIT_poll, "poll", (struct pollfd * fds, nfds_t count, int timeout),
     (fds, count, timeout),
     note_poll(&waiting, fds, count, timeout < 0 ? -1 : timeout * INT64_C(1000000)))

WAIT(__poll_chk, OL_WAIT_poll, "poll",
     (struct pollfd * fds, nfds_t count, int timeout, size_t size), (fds, count, timeout, size),
     note_poll(&waiting, fds, count, timeout < 0 ? -1 : timeout * INT64_C(1000000)))

/* With a signal mask it waits for signals too: no sleep. */
WAIT(ppoll, OL_WAIT_poll, "ppoll",
     (struct pollfd * fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask),
     (fds, count, timeout, mask),
     note_poll(&waiting, count ? fds : NULL, mask ? 1 : count, nanoseconds(timeout)))

WAIT(__ppoll_chk, OL_WAIT_poll, "ppoll",
     (struct pollfd * fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
      size_t size),
     (fds, count, timeout, mask, size),
     note_poll(&waiting, count ? fds : NULL, mask ? 1 : count, nanoseconds(timeout)))

WAIT(select, OL_WAIT_select, "select",
     (int highest, fd_set *readable, fd_set *writable, fd_set *failed, struct timeval *timeout),
     (highest, readable, writable, failed, timeout),
     note_select(&waiting, &(struct sets){highest, readable, writable, failed},
                 timeout ? (int64_t)timeout->tv_sec * 1000000000 + (int64_t)timeout->tv_usec * 1000
                         : -1))

WAIT(pselect, OL_WAIT_select, "pselect",
     (int highest, fd_set *readable, fd_set *writable, fd_set *failed,
      const struct timespec *timeout, const sigset_t *mask),
     (highest, readable, writable, failed, timeout, mask),
     note_select(&waiting, &(struct sets){mask ? -1 : highest, readable, writable, failed},
                 nanoseconds(timeout)))

OL_CHECK_SIGNATURE(epoll_wait)
OL_CHECK_SIGNATURE(epoll_pwait)
OL_CHECK_SIGNATURE(epoll_pwait2)
OL_CHECK_SIGNATURE(poll)
OL_CHECK_SIGNATURE(ppoll)
OL_CHECK_SIGNATURE(select)
OL_CHECK_SIGNATURE(pselect)
