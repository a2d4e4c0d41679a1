/* The wait functions of loops: epoll_wait, poll, select and their spellings. Outside of a turn they find loop threads and
 * time turns; inside of one they are a violation (rule `poll`, or `sleep` for select() and poll() without descriptors). */
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "wrap.h"

/* One wait. `shown` is for the violation; `sleeps` is how long it sleeps, ns, when it waits for no descriptor at all. */
struct waiting {
    struct ol_wait wait;
    struct ol_argument shown;
    int64_t sleeps;
    enum ol_wait_verdict verdict;
    struct ol_hit hit;
};

#define WAITING(of_kind, of_name, of_fd, is_immediate, what)                                                           \
    struct waiting waiting = {                                                                                         \
        .wait = {.kind = of_kind, .name = of_name, .fd = of_fd, .immediate = is_immediate, .caller = OL_CALLER,        \
                 .stack = (uintptr_t)__builtin_frame_address(0)},                                                      \
        .shown = what}

/* False: blocked, the wait must not happen. */
static bool enter(struct waiting *waiting, enum ol_call call)
{
    if (waiting->sleeps) {
        waiting->verdict = ol_self.armed ? OL_WAIT_nested : OL_WAIT_plain;
        waiting->shown = NANOSECONDS(waiting->sleeps);
    } else {
        waiting->verdict = ol_loop_wait(&waiting->wait);
    }
    if (waiting->verdict != OL_WAIT_nested)
        return true;
    enum ol_rule rule = waiting->sleeps ? OL_RULE_sleep : OL_RULE_poll;
    return ol_gate_enter(&waiting->hit, call, rule, waiting->wait.caller, &waiting->shown);
}

static void leave(struct waiting *waiting)
{
    if (waiting->verdict == OL_WAIT_loop)
        ol_loop_resume();
    else if (waiting->verdict == OL_WAIT_nested)
        ol_gate_leave(&waiting->hit);
}

/* Calls the real function between enter and leave. */
#define WAIT(symbol, ...)                                                                                              \
    if (!enter(&waiting, OL_CALL_##symbol))                                                                            \
        return OL_FAIL_VALUE_minus_one;                                                                                \
    int count = REAL(symbol)(__VA_ARGS__);                                                                             \
    leave(&waiting);                                                                                                   \
    return count;

/* poll() and select() of workers, again from the same place: no loop, nothing to judge. */
static inline bool is_no_loop_here(const void *caller)
{
    return OL_LIKELY(!ol_self.is_loop && ol_self.plain_caller == caller);
}

static int64_t nanoseconds(const struct timespec *time)
{
    return time ? (int64_t)time->tv_sec * 1000000000 + time->tv_nsec : -1;
}

static __attribute__((used)) int wrap_epoll_wait(int epfd, struct epoll_event *events, int most, int timeout)
{
    WAITING(OL_WAIT_epoll, "epoll_wait", epfd, timeout == 0, FD(epfd));
    WAIT(epoll_wait, epfd, events, most, timeout)
}

static __attribute__((used)) int wrap_epoll_pwait(int epfd, struct epoll_event *events, int most, int timeout,
                                                  const sigset_t *mask)
{
    WAITING(OL_WAIT_epoll, "epoll_pwait", epfd, timeout == 0, FD(epfd));
    WAIT(epoll_pwait, epfd, events, most, timeout, mask)
}

static __attribute__((used)) int wrap_epoll_pwait2(int epfd, struct epoll_event *events, int most,
                                                   const struct timespec *timeout, const sigset_t *mask)
{
    WAITING(OL_WAIT_epoll, "epoll_pwait2", epfd, nanoseconds(timeout) == 0, FD(epfd));
    WAIT(epoll_pwait2, epfd, events, most, timeout, mask)
}

static struct ol_argument first_of(const struct pollfd *fds, nfds_t count)
{
    return count && fds ? FD(fds[0].fd) : NONE;
}

static __attribute__((used)) int wrap_poll(struct pollfd *fds, nfds_t count_fds, int timeout)
{
    if (is_no_loop_here(OL_CALLER))
        return REAL(poll)(fds, count_fds, timeout);
    WAITING(OL_WAIT_poll, "poll", -1, timeout == 0, first_of(fds, count_fds));
    waiting.sleeps = !count_fds && timeout > 0 ? timeout * INT64_C(1000000) : 0;
    WAIT(poll, fds, count_fds, timeout)
}

static __attribute__((used)) int wrap___poll_chk(struct pollfd *fds, nfds_t count_fds, int timeout, size_t size)
{
    if (is_no_loop_here(OL_CALLER))
        return REAL(__poll_chk)(fds, count_fds, timeout, size);
    WAITING(OL_WAIT_poll, "poll", -1, timeout == 0, first_of(fds, count_fds));
    waiting.sleeps = !count_fds && timeout > 0 ? timeout * INT64_C(1000000) : 0;
    WAIT(__poll_chk, fds, count_fds, timeout, size)
}

static __attribute__((used)) int wrap_ppoll(struct pollfd *fds, nfds_t count_fds, const struct timespec *timeout,
                                            const sigset_t *mask)
{
    if (is_no_loop_here(OL_CALLER))
        return REAL(ppoll)(fds, count_fds, timeout, mask);
    WAITING(OL_WAIT_poll, "ppoll", -1, nanoseconds(timeout) == 0, first_of(fds, count_fds));
    waiting.sleeps = !count_fds && timeout && !mask ? nanoseconds(timeout) : 0;
    WAIT(ppoll, fds, count_fds, timeout, mask)
}

static __attribute__((used)) int wrap___ppoll_chk(struct pollfd *fds, nfds_t count_fds, const struct timespec *timeout,
                                                  const sigset_t *mask, size_t size)
{
    if (is_no_loop_here(OL_CALLER))
        return REAL(__ppoll_chk)(fds, count_fds, timeout, mask, size);
    WAITING(OL_WAIT_poll, "ppoll", -1, nanoseconds(timeout) == 0, first_of(fds, count_fds));
    waiting.sleeps = !count_fds && timeout && !mask ? nanoseconds(timeout) : 0;
    WAIT(__ppoll_chk, fds, count_fds, timeout, mask, size)
}

static struct ol_argument first_in(int highest, const fd_set *readable, const fd_set *writable)
{
    for (int fd = 0; fd < highest && fd < FD_SETSIZE; fd++)
        if ((readable && FD_ISSET(fd, readable)) || (writable && FD_ISSET(fd, writable)))
            return FD(fd);
    return NONE;
}

/* select() on no descriptor is how CPython before 3.11, and many a C program, sleep. */
static bool has_no_descriptor(int highest, const fd_set *readable, const fd_set *writable, const fd_set *failed)
{
    return highest <= 0 || (!readable && !writable && !failed);
}

static __attribute__((used)) int wrap_select(int highest, fd_set *readable, fd_set *writable, fd_set *failed,
                                             struct timeval *timeout)
{
    if (is_no_loop_here(OL_CALLER))
        return REAL(select)(highest, readable, writable, failed, timeout);
    int64_t ns = timeout ? (int64_t)timeout->tv_sec * 1000000000 + (int64_t)timeout->tv_usec * 1000 : -1;
    WAITING(OL_WAIT_select, "select", -1, ns == 0, ol_self.armed ? first_in(highest, readable, writable) : NONE);
    waiting.sleeps = ns > 0 && has_no_descriptor(highest, readable, writable, failed) ? ns : 0;
    WAIT(select, highest, readable, writable, failed, timeout)
}

static __attribute__((used)) int wrap_pselect(int highest, fd_set *readable, fd_set *writable, fd_set *failed,
                                              const struct timespec *timeout, const sigset_t *mask)
{
    if (is_no_loop_here(OL_CALLER))
        return REAL(pselect)(highest, readable, writable, failed, timeout, mask);
    int64_t ns = nanoseconds(timeout);
    WAITING(OL_WAIT_select, "pselect", -1, ns == 0, ol_self.armed ? first_in(highest, readable, writable) : NONE);
    waiting.sleeps = ns > 0 && !mask && has_no_descriptor(highest, readable, writable, failed) ? ns : 0;
    WAIT(pselect, highest, readable, writable, failed, timeout, mask)
}

OL_EXPORT(epoll_wait)
OL_EXPORT(epoll_pwait)
OL_EXPORT(epoll_pwait2)
OL_EXPORT(poll)
OL_EXPORT(__poll_chk)
OL_EXPORT(ppoll)
OL_EXPORT(__ppoll_chk)
OL_EXPORT(select)
OL_EXPORT(pselect)
OL_CHECK_SIGNATURE(epoll_wait)
OL_CHECK_SIGNATURE(epoll_pwait)
OL_CHECK_SIGNATURE(epoll_pwait2)
OL_CHECK_SIGNATURE(poll)
OL_CHECK_SIGNATURE(ppoll)
OL_CHECK_SIGNATURE(select)
OL_CHECK_SIGNATURE(pselect)
