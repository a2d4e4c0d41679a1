/* SPDX-License-Identifier: MIT */
/* What is made at the first loop. The contract is in prepare.h. */
#include "prepare.h"

#include <errno.h>
#include <stdlib.h>

#include "allow.h"
#include "log.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "self_test.h"
#include "site.h"
#include "stack.h"
#include "text.h"
#include "trust.h"
#include "work.h"

/* What one thread makes, once. */
enum { NOT_THERE, BEING_MADE, THERE, GIVEN_UP };
static struct ol_work record;
static struct ol_work loops;

static void fill_record(void)
{
    ol_site_prepare();
    ol_allow_note_all();
    if (!ol_recorder_publish())
        ol_site_renew();
    ol_recorder_note_pending();
}

/* A folder that others may write into gets no record: the private one of this user does, and the
 * other one is named, where `offloop run` looks for it. One thread comes here, perhaps on a small
 * stack. */
static void leave_folder(void)
{
    static char bytes[sizeof ol_process.out + 100];
    const char *why = ol_trust_folder(ol_process.out);
    if (!why)
        return;
    struct ol_text line = OL_TEXT(bytes);
    ol_text_add(&line, "OFFLOOP_OUT: ");
    ol_text_add(&line, ol_process.out);
    ol_text_add_char(&line, ' ');
    ol_text_add(&line, why);
    ol_text_add(&line, ": no record there, but in $TMPDIR");
    ol_log_say(bytes);
    ol_recorder_blind_spot(ol_process.out, OL_RECORD_ELSEWHERE);
    struct ol_text out = OL_TEXT(ol_process.out);
    ol_text_add(&out, ol_process.temporary);
    ol_text_add(&out, "/offloop-");
    ol_text_add_unsigned(&out, (uint64_t)ol_raw_geteuid());
}

bool ol_prepare_record(void)
{
    if (ol_process.ready && ol_work_take(&record, NOT_THERE, BEING_MADE)) {
        leave_folder();
        bool made = ol_recorder_open();
        if (made)
            fill_record();
        else
            ol_log_say("no memory for a record (8 MB of addresses): this process is not watched");
        record.state = made ? THERE : GIVEN_UP;
    }
    return ol_work_await(&record, BEING_MADE) == THERE;
}

void ol_prepare_share(void)
{
    if (!ol_process.ready)
        return;
    ol_recorder_share();
    ol_site_prepare();
}

bool ol_prepare_join(void)
{
    if (!ol_recorder && ol_work_take(&record, NOT_THERE, BEING_MADE))
        record.state = ol_recorder_join() ? THERE : NOT_THERE;
    return ol_recorder;
}

/* Handlers run last in, first out: what the program registered after its first loop still runs
 * before this. */
static void exit_begins(int status, void *unused)
{
    (void)status;
    (void)unused;
    if (ol_process_at_exit)
        ol_process_at_exit();
}

static void tell_trouble(void)
{
    char bytes[200];
    struct ol_text line = OL_TEXT(bytes);
    ol_text_add(&line, ol_recorder_trouble());
    ol_text_add(&line, ": live lines only, set OFFLOOP_OUT");
    ol_log_say(bytes);
}

bool ol_prepare_loops(void)
{
    if (!ol_prepare_record())
        return false;
    if (ol_work_take(&loops, NOT_THERE, BEING_MADE)) {
        int saved = errno; /* the loader changes it */
        on_exit(exit_begins, NULL);
        ol_self_test();
        if (!ol_stack_warm())
            ol_recorder_blind_spot("native stacks",
                                   "libunwind.so.8 could not be loaded: only the caller is known");
        if (ol_recorder_trouble())
            tell_trouble();
        errno = saved;
        loops.state = THERE;
    }
    return ol_work_await(&loops, BEING_MADE) == THERE;
}

/* By a thread that is not here. */
static void begin_again(struct ol_work *work)
{
    if (work->state == BEING_MADE)
        work->state = NOT_THERE;
}

void ol_prepare_forked(void)
{
    begin_again(&loops);
    begin_again(&record);
}
