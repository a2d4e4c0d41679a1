/* SPDX-License-Identifier: MIT */
/* Many threads in the detector's shared tables at once, for ThreadSanitizer: scripts/test builds it
 * with gcc's and clang's and runs it. It says only that there was something to see; what is wrong
 * the sanitizer says. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "detector/affinity.h"
#include "detector/epolls.h"
#include "detector/gate.h"
#include "detector/guest.h"
#include "detector/loop.h"
#include "detector/process.h"
#include "detector/recorder.h"
#include "detector/self_test.h"
#include "detector/stack.h"
#include "detector/text.h"
#include "detector/unwinder.h"

enum { THREADS = 6, ROUNDS = 60, LOOPS = 5, OBJECTS_EACH = 16 };

static pthread_barrier_t start;
static char loops[LOOPS][64];             /* stand for loops */
static char objects[LOOPS][OBJECTS_EACH]; /* and for what belongs to them */
static const char places[40];             /* and for code that calls */

static const struct ol_function stop_loop = {
    .name = "stop_loop", .kind = OL_KIND_loop_only, .belongs = OL_BELONGS_argument};
static const struct ol_function of_any = {
    .name = "of_any", .kind = OL_KIND_off_loop_only, .belongs = OL_BELONGS_any};

/* All are called by all threads, for the same things. */
static void share_loops(unsigned round)
{
    char bytes[200];
    struct ol_text words = OL_TEXT(bytes);
    const void *loop = loops[round % LOOPS];
    const char *mine = objects[round % LOOPS];
    const void *found;
    bool locked;
    int running = ol_affinity_begin(loop, (int)(round % 7));
    ol_affinity_run_is_seen(loop);
    for (int i = 0; i < OBJECTS_EACH; i += 2) {
        ol_affinity_bind(mine + i, loop, i % 4);
        ol_affinity_bind_part(mine + i, mine + i + 1);
        ol_affinity_find(mine + i, &found, &locked);
        ol_affinity_wrong(&stop_loop, mine + i, &words);
    }
    ol_affinity_wrong(&of_any, NULL, &words);
    ol_affinity_is_mine(loop);
    ol_affinity_is_locked(loop);
    for (int i = 0; i < OBJECTS_EACH; i += 4)
        ol_affinity_forget(mine + i);
    if (round % 3 == 0)
        ol_affinity_left(running);
    ol_affinity_end(running);
}

static void call(enum ol_call_id function, unsigned rule, const void *caller,
                 struct ol_argument argument, enum ol_when when)
{
    struct ol_call hit;
    if (ol_gate_is_open())
        return;
    if (ol_gate_judge(&hit, function, rule, caller, &argument, when))
        ol_gate_leave(&hit);
}

/* Places that are new for one thread are known to the next. */
static void be_judged(unsigned round)
{
    static const char *const paths[] = {"/etc/hosts", "/tmp/a", "/proc/self/maps", "b"};
    struct ol_argument path = {.kind = OL_ARGUMENT_text, .text = paths[round % 4]};
    struct ol_argument none = NONE;
    for (unsigned i = 0; i < 4; i++) {
        const char *caller = places + (round + i) % sizeof places;
        call(OL_CALL_open, OL_RULE_open, caller, path, OL_COUNTS);
        call(OL_CALL_stat, OL_RULE_stat, caller, path, OL_COUNTS);
        call(OL_CALL_read, OL_RULE_read, caller, none, OL_IF_SLOW);
    }
}

static void take_a_turn(int fd, unsigned round)
{
    const struct ol_wait wait = {.kind = OL_WAIT_epoll,
                                 .name = "epoll_wait",
                                 .fd = fd,
                                 .among = -1,
                                 .caller = places,
                                 .stack = (uintptr_t)__builtin_frame_address(0)};
    if (ol_loop_wait(&wait) == OL_WAIT_loop)
        ol_loop_resume();
    be_judged(round);
    if (round % 8 == 0)
        ol_loop_name_given();
    if (round % 16 == 0)
        ol_loop_named("worker");
}

static void *work(void *number)
{
    unsigned round = (unsigned)(uintptr_t)number * 7;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    pthread_barrier_wait(&start);
    for (unsigned end = round + ROUNDS; round < end; round++) {
        take_a_turn(fd, round);
        share_loops(round);
        if (round % 25 == 24) {
            ol_loop_closing(fd);
            close(fd);
            fd = epoll_create1(EPOLL_CLOEXEC);
        }
    }
    ol_loop_end();
    ol_affinity_thread_ends();
    close(fd);
    return NULL;
}

static char folder[] = "/tmp/offloop-races-XXXXXX";
static char out[60], log_file[60];

static bool start_guest(void)
{
    if (!mkdtemp(folder))
        return false;
    snprintf(out, sizeof out, "OFFLOOP_OUT=%s", folder);
    snprintf(log_file, sizeof log_file, "OFFLOOP_LOG=%s/log", folder);
    char name[] = "races";
    char *words[] = {name, NULL};
    char *environment[] = {out, log_file, NULL};
    ol_guest_start(1, words, environment);
    ol_self_test_start();
    ol_unwinder_load();
    return ol_process.ready;
}

static void clean_up(void)
{
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        perror(command);
}

int main(void)
{
    pthread_t threads[THREADS];
    if (!start_guest())
        return 1;
    pthread_barrier_init(&start, NULL, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    bool judged = ol_recorder && ol_recorder->sections[OL_SECTION_sites].used > 40;
    ol_guest_shutdown();
    clean_up();
    if (!judged)
        fputs("hardly anything was judged\n", stderr);
    return judged ? 0 : 1;
}
