/* SPDX-License-Identifier: MIT */
/* The library's start and end: the constructor, fork handlers, the last word at exit. Where it must
 * not watch, it is not started: every wrapper is then the plain function. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "../arch/arch.h"
#include "../detector/filters.h"
#include "../detector/forking.h"
#include "../detector/guest.h"
#include "../detector/loop_near.h"
#include "../detector/prepare.h"
#include "../detector/process.h"
#include "../detector/recorder.h"
#include "../detector/self_test.h"
#include "../detector/unwinder.h"
#include "bridges.h"
#include "export.h"
#include "holder.h"
#include "patch/patch.h"
#include "real.h"
#include "unversioned.h"

extern char **environ;

/* Runs after every other exit handler and destructor: it was registered before them. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    ol_patch_tell_unseen();
    int wanted = ol_guest_ended(status);
    if (wanted == status)
        return;
    fcloseall(); /* as exit() does: it takes no lock that a thread blocked in a read holds */
    _exit(wanted);
}

static void before_fork(void)
{
    ol_prepare_share();
    ol_recorder_fork_begins();
    ol_forking_begins();
}

static void after_fork(void)
{
    ol_semaphore_forked();
    ol_patch_forked();
    ol_bridges_forked();
}

/* A program that runs with more rights than its user has (setuid, capabilities) must not be led by
 * that user's variables. And two copies of this library would take each other for the C library:
 * the one that programs reach watches, and says that there is another one. A filter of system calls
 * that was there before the program could kill it for any of ours. */
static bool must_stay_off(void)
{
    return getauxval(AT_SECURE) || ol_filters_are_inherited() || ol_self_test_is_second_copy();
}

static void watch(int argc, char **argv, char **environment)
{
    ol_export_start();
    if (OL_ARCH_HAS_OLD_SYMBOLS)
        ol_unversioned_find_all();
    ol_guest_start(argc, argv, environment ? environment : environ);
    if (!ol_process.ready)
        return;
    ol_self_test_start();
    if (ol_loop_is_near())
        ol_unwinder_load();
    ol_patch_start();
    ol_guest_after_fork = after_fork;
    pthread_atfork(before_fork, ol_forking_is_over, ol_guest_forked);
    on_exit(at_exit, NULL);
}

/* glibc hands every constructor the program's arguments. */
static __attribute__((constructor)) void start(int argc, char **argv, char **environment)
{
    ol_real_find_all();
    if (!must_stay_off())
        watch(argc, argv, environment);
    dlerror(); /* of what was looked for in vain: the program has not failed yet */
}

static __attribute__((destructor)) void finish(void)
{
    ol_guest_shutdown();
}
