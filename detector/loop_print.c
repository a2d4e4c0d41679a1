/* SPDX-License-Identifier: MIT */
/* What OFFLOOP_DEBUG=loop says of waits. The contract is in loop_print.h. */
#include "loop_print.h"

#include "debug.h"
#include "loop_makes.h"
#include "loop_wait.h"
#include "thread.h"

/* "epoll_wait(5)", "poll()" */
static void print(const struct ol_wait *wait, const char *words, const char *more)
{
    if (wait->fd >= 0)
        ol_debug(loop, "%s(%d) %s, called by %p%s", wait->name, wait->fd, words, wait->caller,
                 more);
    else
        ol_debug(loop, "%s() %s, called by %p%s", wait->name, words, wait->caller, more);
}

void ol_loop_print_begin(const struct ol_wait *wait)
{
    if (wait->kind == OL_WAIT_api)
        ol_debug(loop, "a loop begins by the program's or the user's word");
    else
        print(wait, ol_self.is_worker ? "begins a loop of a worker" : "begins a loop", "");
}

static const char *why_none(const struct ol_wait *wait)
{
    if (ol_loop_makes(wait))
        return ": it stands in for another thread, or a rule says so";
    return wait->kind == OL_WAIT_epoll ? ": OFFLOOP_LOOP names others"
                                       : ": that is no library whose loops wait so (OFFLOOP_LOOP)";
}

void ol_loop_print_verdict(const struct ol_wait *wait, enum ol_wait_verdict verdict)
{
    if (verdict == OL_WAIT_nested)
        print(wait, "waits inside of a turn", ": it is judged");
    if (verdict != OL_WAIT_plain || ol_self.is_loop || ol_self.printed_caller == wait->caller)
        return;
    ol_self.printed_caller = wait->caller;
    print(wait, "makes no loop", why_none(wait));
}
