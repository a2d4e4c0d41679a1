/* SPDX-License-Identifier: MIT */
/* A process and a thread of it as the detector knows them, without its life around it: no start, no
 * wrappers, no loops but those that a test makes. Records have no folder and are memory. */
#ifndef OFFLOOP_TESTS_THREAD_FIXTURE_H
#define OFFLOOP_TESTS_THREAD_FIXTURE_H

#include <unistd.h>

#include "detector/process.h"
#include "detector/ruleset.h"
#include "detector/thread.h"

static void hear_nothing(void *context, const char *line)
{
    (void)context;
    (void)line;
}

/* Ready, with every option at its default, and no live lines. */
static void begin_process(void)
{
    static char *nothing[] = {NULL};
    ol_process_begin();
    ol_option_read(&ol_process.options, nothing, hear_nothing, NULL);
    ol_ruleset_read(NULL, hear_nothing, NULL);
    ol_policy_parse(&ol_process.policy, "", hear_nothing, NULL);
    ol_loop_choice_parse(&ol_process.loop_choice, "auto", hear_nothing, NULL);
    ol_process.log = NULL;
    ol_process.ready = true;
}

#endif
