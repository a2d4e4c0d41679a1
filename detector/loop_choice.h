/* SPDX-License-Identifier: MIT */
/* OFFLOOP_LOOP: which threads may become loop threads. The words are `auto`, `main`,
 * `thread=GLOB`, `api`, `wait=poll`, `wait=io_uring` and `workers`, comma-separated; they add up,
 * so `main,thread=worker-*` is the main thread and the workers. */
#ifndef OFFLOOP_LOOP_CHOICE_H
#define OFFLOOP_LOOP_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "loop_wait.h"
#include "option.h"
#include "word.h"

#define OL_LOOP_CHOICE_GLOBS 8u

struct ol_loop_choice {
    /* `auto`, or no word that chooses threads: every thread that waits as loops do. */
    bool automatic;
    /* `main`: the main thread, beside those that a glob names. */
    bool main_only;
    /* `api` and nothing else: only threads that offloop_loop_enter() marks. Marked ones count
     * under every choice. */
    bool api_only;
    /* `wait=…`: the kinds of waits that make a loop whoever calls them, a bit each. */
    unsigned waits;
    /* `workers`: what is on a worker's loop counts as on others. */
    bool workers;
    unsigned glob_count;
    struct ol_word globs[OL_LOOP_CHOICE_GLOBS]; /* `thread=GLOB`, pointing into the option's text */
};

/* Reads `text` into `choice`. Blanks around words are allowed, case of the words does not
 * matter. A word that is wrong is complained of in one line that names it and the nearest valid
 * one, and is skipped. No allocation. */
void ol_loop_choice_parse(struct ol_loop_choice *choice, const char *text, ol_complain *complain,
                          void *context);

/* Whether waits of that kind make a loop whoever calls them. */
static inline bool ol_loop_choice_waits(const struct ol_loop_choice *choice, unsigned kind)
{
    return choice->waits >> kind & 1;
}

/* Whether one of the globs (`thread=GLOB`) covers that thread name. Safe in a signal handler. */
bool ol_loop_choice_names(const struct ol_loop_choice *choice, const char *thread_name);

#endif
