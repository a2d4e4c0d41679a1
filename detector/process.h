/* SPDX-License-Identifier: MIT */
/* The process's facts: what was found at its start, and which process this is.
 *
 * ol_process is written once, by the constructor, before any thread is armed; after that it is
 * read-only, but for the fields that a forked child renews, and `exiting`.
 */
#ifndef OFFLOOP_PROCESS_H
#define OFFLOOP_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop_choice.h"
#include "option.h"
#include "policy.h"

struct ol_process_facts {
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

extern struct ol_process_facts ol_process;

/* The process begins: pid, times, and the mark below. */
void ol_process_begin(void);

/* In a forked child: pid, mark, and is_child. By system calls alone. */
void ol_process_renew(void);

/* Zero in a child that no fork handler saw (_Fork(), a bare clone): the kernel has wiped it. */
extern const _Atomic int *ol_process_mark;

static inline bool ol_process_is_unseen_child(void)
{
    return __builtin_expect(!*ol_process_mark, 0);
}

/* Not 0: each call and wait is looked at closely. It counts the children that may be about in this
 * memory (clone() with CLONE_VM), thread-local memory too: what they do is not the loop's, and they
 * are known by their pid alone. And it has a bit that says that decisions are printed (debug.h). */
extern _Atomic int ol_process_looks_closely;
#define OL_PROCESS_PRINTS (1 << 30)
bool ol_process_is_another(void);

/* What is to be done in a forked child, by the first call that is judged in one which no fork
 * handler saw, and when exit() begins. Set once, at start (guest.c). */
extern void (*ol_process_at_fork)(void);
extern void (*ol_process_at_exit)(void);

#endif
