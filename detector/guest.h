/* SPDX-License-Identifier: MIT */
/* The library's life in its host: what was found at start, the switch that arms everything, start,
 * fork and exit.
 *
 * ol_guest is written once, by the constructor, before any thread is armed; after that it is
 * read-only, but for the fields that a forked child renews.
 */
#ifndef OFFLOOP_GUEST_H
#define OFFLOOP_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop_choice.h"
#include "option.h"
#include "policy.h"

struct ol_guest {
    bool ready;    /* everything below is there */
    bool exiting;  /* exit() has begun: no thread is on a loop any more */
    bool is_child; /* forked from the process that loaded the image */
    int pid;
    int image_pid; /* the process that loaded the image */
    int64_t started_ns;
    int64_t started_realtime_ns;
    struct ol_options options;
    struct ol_policy policy;
    struct ol_loop_choice loop_choice;
    int fail_on; /* enum ol_severity, or OL_SEVERITY_COUNT for never */
    char out[4096];
    char temporary[4096];
    char program[64]; /* the name it was started by: "redis-server"; a copy, since programs that
                       * set their title write over argv */
    const char *log;  /* NULL: off; "": stderr; else a file */
    char script[128]; /* the script that node runs, "" when it has none */
    char log_path[4096];
    char argv[4096];
    char loop_words[1024]; /* OFFLOOP_LOOP: a copy, for the same reason */
    char cwd[4096];
};

extern struct ol_guest ol_guest;

/* Reads the environment, resolves what is needed, arms the library. From the constructor; again is
 * harmless. */
void ol_guest_start(int argc, char **argv, char **environment);

/* Makes the record, or joins the family's: at the first loop, and before rights are given up that
 * it takes to make it. By system calls alone. False while another thread makes it, and when there
 * is no memory. */
bool ol_guest_record(void);

/* Before a fork: the record that will be made is shared with the child. By system calls alone:
 * fork() may be called in a signal handler. */
void ol_guest_share(void);

/* The record, and what a loop needs beside it (libunwind). At the first loop. */
bool ol_guest_prepare(void);

/* In a forked child, from pthread_atfork; and from the first call that is judged in one which no
 * fork handler saw (_Fork(), a bare clone). */
void ol_guest_forked(void);

/* Zero in a child that no handler saw: the kernel has wiped it. */
extern const _Atomic int *ol_guest_mark;

static inline bool ol_guest_is_unseen_child(void)
{
    return __builtin_expect(!*ol_guest_mark, 0);
}

/* How many children may be about that run in this memory (clone() with CLONE_VM), thread-local
 * memory too: what they do is not the loop's, and they are known by their pid alone. */
extern _Atomic int ol_guest_shares_memory;
bool ol_guest_is_in_other_process(void);

/* What the wrappers have to do in a forked child. Set once, at start. */
extern void (*ol_guest_after_fork)(void);

/* exit() has begun, with that status: last words, and the status the process is to have (66 or the
 * same). */
void ol_guest_shutdown(void);
int ol_guest_ended(int status);

#endif
