/* SPDX-License-Identifier: MIT */
/* The library's life in its host. The contract is in guest.h. */
#include "guest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "affinity.h"
#include "debug.h"
#include "log.h"
#include "loop.h"
#include "module.h"
#include "prepare.h"
#include "process.h"
#include "program.h"
#include "rawio.h"
#include "recorder.h"
#include "ruleset.h"
#include "secret.h"
#include "site.h"
#include "stack.h"
#include "stand_in.h"
#include "summary.h"
#include "thread.h"

#define COMPLAINTS_MAX 30u

static void complain(void *context, const char *line)
{
    static unsigned told;
    (void)context;
    if (told++ < COMPLAINTS_MAX)
        ol_log_say(line);
    else if (told == COMPLAINTS_MAX + 1)
        ol_log_say("more is wrong in the options and rules than is named here");
}

static char *environment_of(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (; environment && *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

static void add_absolute(struct ol_text *text, const char *path)
{
    if (path[0] != '/' && ol_process.cwd[0]) {
        ol_text_add(text, ol_process.cwd);
        ol_text_add_char(text, '/');
    }
    ol_text_add(text, path);
}

static void note_log(void)
{
    const char *log = ol_process.options.log;
    struct ol_text path = OL_TEXT(ol_process.log_path);
    if (strcmp(log, "off") == 0)
        ol_process.log = NULL;
    else if (strcmp(log, "stderr") != 0)
        add_absolute(&path, log);
    ol_log_find();
}

/* Paths are made absolute now: the program may change its working folder. */
static void note_folders(char *const *environment)
{
    struct ol_text out = OL_TEXT(ol_process.out);
    add_absolute(&out, ol_process.options.out);
    const char *temporary = environment_of(environment, "TMPDIR");
    struct ol_text text = OL_TEXT(ol_process.temporary);
    ol_text_add(&text, temporary && temporary[0] == '/' ? temporary : "/tmp");
}

static int severity_of(const char *word)
{
    for (int i = 0; i < OL_SEVERITY_COUNT; i++)
        if (strcasecmp(word, ol_severity_names[i]) == 0)
            return i;
    if (strcasecmp(word, "never") != 0)
        ol_log_say("OFFLOOP_FAIL_ON takes never, error, warning or note: taken as never");
    return OL_SEVERITY_COUNT;
}

/* OFFLOOP_FOLLOW=0: what this program starts is not watched. The entry is cut out of the variable
 * in place. */
static void stop_following(char *const *environment)
{
    char *list = environment_of(environment, "LD_PRELOAD");
    char *at = list ? strstr(list, "liboffloop") : NULL;
    if (!at)
        return;
    while (at > list && at[-1] != ':' && at[-1] != ' ')
        at--;
    char *end = at + strcspn(at, ": ");
    memmove(at, end + (*end != '\0'), strlen(end + (*end != '\0')) + 1);
}

/* Rules that `block` can't fail, told once at start. */
static bool is_unblockable(unsigned rule)
{
    for (int call = 0; call < OL_CALL_COUNT; call++)
        if (ol_calls[call].rule == rule && ol_fails[ol_calls[call].fail].can_block)
            return false;
    return rule != OL_RULE_import;
}

static void tell_unblockable(void)
{
    char bytes[1000];
    struct ol_text line = OL_TEXT(bytes);
    ol_text_add(&line, "OFFLOOP_POLICY: calls of these rules can not be failed safely, block acts "
                       "as backtrace there:");
    bool any = false;
    for (unsigned rule = 0; rule < OL_RULE_COUNT; rule++)
        if (ol_process.policy.action[rule] == OL_ACTION_block && is_unblockable(rule)) {
            ol_text_add_char(&line, ' ');
            ol_text_add(&line, ol_rule_row(rule)->name);
            any = true;
        }
    if (any)
        ol_log_say(bytes);
}

void (*ol_guest_after_fork)(void);

void ol_guest_start(int argc, char **argv, char **environment)
{
    if (ol_process.ready)
        return;
    ol_process_begin();
    ol_module_start();
    ol_log_start();
    ol_thread_at_end = ol_loop_thread_ends;
    ol_process_at_fork = ol_guest_forked;
    ol_process_at_exit = ol_guest_shutdown;
    ol_process.log = ol_process.log_path; /* stderr, until the options are read */
    ol_option_read(&ol_process.options, environment, complain, NULL);
    ol_debug_start(ol_debug_parse(ol_process.options.debug, complain, NULL));
    ol_option_name_unknown(environment, complain, NULL);
    if (strcasecmp(ol_process.options.policy, "help") == 0) {
        ol_policy_help(STDOUT_FILENO);
        _exit(0);
    }
    for (int i = 0; i < OL_SECRET_COUNT; i++)
        if (strcmp(ol_process.options.args, ol_secret_words[i]) == 0)
            ol_secret_keep((enum ol_secret_keeps)i);
    ol_ruleset_read(ol_process.options.rules, complain, NULL);
    ol_policy_parse(&ol_process.policy, ol_process.options.policy, complain, NULL);
    struct ol_text loop = OL_TEXT(ol_process.loop_words);
    ol_text_add(&loop, ol_process.options.loop);
    ol_loop_choice_parse(&ol_process.loop_choice, ol_process.loop_words, complain, NULL);
    ol_process.fail_on = severity_of(ol_process.options.fail_on);
    ol_program_note(argc, argv);
    note_folders(environment);
    note_log();
    if (!ol_process.options.follow)
        stop_following(environment);
    tell_unblockable();
    ol_process.ready = true;
}

void ol_guest_forked(void)
{
    int parent = ol_process.pid;
    ol_process_renew();
    memset(&ol_self, 0, sizeof ol_self);
    ol_affinity_forked();
    ol_stand_in_forked();
    ol_prepare_forked();
    ol_stack_forked();
    ol_runtime_forked();
    if (ol_guest_after_fork)
        ol_guest_after_fork();
    ol_recorder_process_started(ol_process.pid, parent);
}

void ol_guest_shutdown(void)
{
    if (ol_process_is_another())
        return;
    ol_process.exiting = true;
    ol_loop_end();
}

static bool fails(void)
{
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_sites); i++) {
        const struct ol_site_entry *site = ol_recorder_entry(OL_SECTION_sites, i);
        if (site->state == OL_ENTRY_ready && site->count && site->on_loop != OL_ON_WORKER &&
            site->severity >= ol_process.fail_on)
            return true;
    }
    return false;
}

int ol_guest_ended(int status)
{
    ol_guest_shutdown();
    if (!ol_prepare_join())
        return status;
    ol_recorder_process_ended(status);
    if (ol_recorder_used(OL_SECTION_loops) && !ol_process.is_child && !ol_process.options.run)
        ol_summary_say();
    ol_recorder_discard_if_empty();
    return status == 0 && ol_process.fail_on < OL_SEVERITY_COUNT && fails() ? 66 : status;
}
